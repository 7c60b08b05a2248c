import { Option } from 'commander'
import { collect, oneInterface } from './option-values.ts'

/** Where `hosts add` adds a host. */
export const groupOption = new Option(
  '--group <name>',
  'group for the new host. Default: the group "all", if the file lists hosts directly in it and fw-run protects it. Otherwise a group of workers; if there is none, the group of the last host',
)

/** Of `hosts remove`. */
export const leaveOutsideOption = new Option(
  '--leave-outside',
  'also remove a host that is still a node of the cluster; the other hosts will then stop its packets',
)

/** The answers of `init`, of those that no other command has. */
export const firstOptions: readonly Option[] = [
  new Option(
    '--interface <name>',
    'interface that receives traffic from the subnet (default: ask)',
  ).argParser(oneInterface),
  new Option('--guard <kind>', 'guard of the hosts (default: one that works)').choices([
    'forward',
    'nft',
    'mangle',
    'auto',
  ]),
  new Option('--overwrite', 'replace the file if it is there'),
  new Option(
    '-y, --yes',
    'write the file without asking; if forward fails on a host but another guard works, set fw_guard: auto',
  ),
]

/** Where `init` finds the hosts. */
export const sourceOption = new Option(
  '-i, --inventory <file>',
  'hosts: a list "a,b,", any inventory, or - for the output of kubectl get nodes -o json (default: ask)',
).argParser(collect)
