import { Option } from 'commander'
import { defaultForks, defaultPause, defaultTimeout, defaultWatch } from '../../defaults.ts'
import { outputFormats } from '../settings.ts'
import { atLeastOne, collect, oneInterface, oneLimit, positive } from './option-values.ts'

export const inventoryOption = new Option(
  '-i, --inventory <file>',
  'inventory: a file, directory or script, a list "a,b,", or - for stdin (required; repeat for more)',
).argParser(collect)

/** Of the commands that edit the inventory. */
export const editedInventoryOption = new Option(
  '-i, --inventory <file>',
  'inventory file to change: one file in YAML or INI (required)',
).argParser(collect)

export const limitOption = new Option(
  '-l, --limit <pattern>',
  'only these hosts: names, groups, wildcards; !, & and ~ as in Ansible',
).argParser(oneLimit)

export const extraVarsOption = new Option(
  '-e, --extra-vars <k=v>',
  'set variables; they override the inventory: k=v k=v, JSON, or @file (repeat for more)',
).argParser(collect)

export const forksOption = new Option('-f, --forks <n>', 'how many hosts at a time')
  .argParser(atLeastOne)
  .default(defaultForks)

export const checkOptions: readonly Option[] = [
  new Option('-C, --check', 'stop after the plan; exit 3 if hosts would change'),
  new Option('--dry-run', 'the same as --check').implies({ check: true }),
]

/** Of the commands that edit the inventory. */
export const editCheckOptions: readonly Option[] = [
  new Option('-C, --check', 'stop after the plan; exit 3 if hosts or the file would change'),
  new Option('--dry-run', 'the same as --check').implies({ check: true }),
]

/** Of the commands that choose hosts by `--limit`. */
export const listHostsOption = new Option(
  '--list-hosts',
  'only list the hosts that the command would use; does not connect',
)

export const settleOption = new Option(
  '--settle [seconds]',
  `after apply, watch this many seconds for programs that move rules (default ${defaultWatch})`,
).argParser(positive)

export const diffOption = new Option(
  '-D, --diff',
  'also show: the changes as rules; FORWARD with the rule of fw-run in it; what happens to each kind of traffic',
)

/** Of commands that show no traffic. */
export const rulesDiffOption = new Option('-D, --diff', 'show changes as rules')

export const verboseOption = new Option(
  '-v, --verbose',
  'also show checks that passed, and what each check says on each host',
)

/** `preflight` shows checks that passed anyway. */
export const preflightVerboseOption = new Option(
  '-v, --verbose',
  'also show FORWARD, all kinds of traffic, and what each check says on each host',
)

/** `inventory` runs no checks. */
export const inventoryVerboseOption = new Option(
  '-v, --verbose',
  'also show how fw-run would connect to each host, and where each value comes from',
)

/** `trace` shows checks only if it cannot follow the packet. */
export const traceVerboseOption = new Option(
  '-v, --verbose',
  'if the host cannot be read, also show checks that passed',
)

/** Of `version`. */
export const versionVerboseOption = new Option(
  '-v, --verbose',
  'also show what it was built from: commit, Node, and packages',
)

export const quietOption = new Option(
  '-q, --quiet',
  'show only failures, unfinished runs and the recap; no progress',
).conflicts('verbose')

/** Which SSH configuration is read, of all commands with an inventory: it may name addresses. */
export const sshConfigOptions: readonly Option[] = [
  new Option(
    '-F, --ssh-config <file>',
    'SSH configuration to use (default: ~/.ssh/config and /etc/ssh/ssh_config)',
  ),
  new Option('--no-ssh-config', 'use no SSH configuration'),
]

const waysIn: readonly Option[] = [
  new Option('-u, --user <name>', 'login user, if the inventory names none'),
  new Option('-k, --ask-pass', 'ask for the SSH password'),
  new Option('-K, --ask-become-pass', 'ask for the password of sudo, su or doas'),
  new Option('--private-key <file>', 'private key for the login, if the inventory names none'),
  ...sshConfigOptions,
  new Option(
    '--accept-new-host-keys',
    'if known_hosts has no key of a host, save the key there and connect',
  ),
  new Option(
    '--transport <name>',
    'program that connects: ssh2 (part of fw-run) or openssh (the program ssh) (default: openssh for hosts that need it, else ssh2)',
  ).choices(['ssh2', 'openssh']),
]

/** How to log in, of the commands that connect. */
export const loginOptions = [...waysIn, timeoutOption('')]

/** The same of the commands that try probes. */
export const probingOptions = [...waysIn, timeoutOption('; also for each try of a probe')]

function timeoutOption(also: string): Option {
  const words = `time limit to connect, log in and become root${also} (default: ${defaultTimeout})`
  return new Option('-T, --timeout <seconds>', words).argParser(positive)
}

const interfaceOption = new Option(
  '--interface <name>',
  'interface that receives traffic from the subnet (overrides fw_interface)',
).argParser(oneInterface)

/** Which interface to guard, and whether to ask about saving it, of commands that change no host. */
export const interfaceOptions: readonly Option[] = [
  interfaceOption,
  new Option('-y, --yes', 'do not offer to save the chosen interface'),
]

/** The same of commands that change hosts, and so may ask about that. */
export const changedInterfaceOptions: readonly Option[] = [
  interfaceOption,
  new Option(
    '-y, --yes',
    'do not offer to save the chosen interface; does not answer --ask or --confirm',
  ),
]

/** `remove` takes all rules of ours away, on every interface, and so never asks which one. */
export const unusedInterfaceOptions: readonly Option[] = [
  new Option(
    '--interface <name>',
    'has no effect: the guard is removed from every interface',
  ).argParser(oneInterface),
  new Option('-y, --yes', 'has no effect; does not answer --ask or --confirm'),
]

/** `recover` never asks: for scripts that give -y to every command. */
export const yesOption = new Option('-y, --yes', 'has no effect: recover asks only for passwords')

/** How the result is shown, of every command. */
export const outputOptions = outputIn(outputFormats.filter((format) => format !== 'prometheus'))

/** `status` has metrics, too. */
export const statusOutputOptions: readonly Option[] = [
  new Option(
    '--watch [seconds]',
    `look at all hosts again and again, with a pause of this many seconds (default ${defaultPause}); print one line for each change`,
  ).argParser(positive),
  ...outputIn(outputFormats),
  new Option(
    '--to <file>',
    'with --output prometheus: write the metrics to this file, whole or not at all',
  ),
]

/** For changes that somebody else approves. */
export const planOptions: readonly Option[] = [
  new Option('--plan-out <file>', 'with --check: write the plan to this file'),
  new Option(
    '--plan <file>',
    'make exactly the changes of this plan; refuse if the inventory or a host differs from it',
  ),
]

/** Files that get the result in a form for readers, or for CI. */
export const reportOption = new Option(
  '--report <file>',
  'also write the result to this file, as one HTML page',
)
export const junitOption = new Option(
  '--junit <file>',
  'also write the checks to this file, as JUnit XML',
)

function outputIn(formats: readonly string[]): readonly Option[] {
  return [
    new Option('--output <format>', 'format of the result on stdout')
      .choices(formats)
      .default('text'),
    new Option('--no-color', 'no colours (also NO_COLOR)'),
  ]
}
