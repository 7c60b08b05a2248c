import { Option } from 'commander'
import { defaultForks, defaultTimeout, defaultWatch } from '../../defaults.ts'
import { outputFormats } from '../settings.ts'
import {
  atLeastOne,
  collect,
  oneInterface,
  oneInventory,
  oneLimit,
  positive,
} from './option-values.ts'

export const inventoryOption = new Option(
  '-i, --inventory <file>',
  'Ansible inventory in YAML (needed)',
).argParser(oneInventory)

export const limitOption = new Option(
  '-l, --limit <pattern>',
  'only these hosts: names, groups, globs; !, & and ~ as in Ansible',
).argParser(oneLimit)

export const extraVarsOption = new Option(
  '-e, --extra-vars <k=v>',
  'set variables; they override the inventory: k=v k=v, JSON, or @file (repeat for more)',
).argParser(collect)

export const forksOption = new Option('-f, --forks <n>', 'how many hosts at a time')
  .argParser(atLeastOne)
  .default(defaultForks)

export const checkOption = new Option(
  '-C, --check',
  'stop after the plan; exit 3 if changes are pending',
)

export const settleOption = new Option(
  '--settle [seconds]',
  `after apply, watch this many seconds for programs that move rules (default ${defaultWatch})`,
).argParser(positive)

export const diffOption = new Option(
  '-D, --diff',
  'also show: the changes as rules; FORWARD with our rule in it; all kinds of traffic',
)

/** Of commands that show no traffic. */
export const rulesDiffOption = new Option('-D, --diff', 'show changes as rules')

export const verboseOption = new Option(
  '-v, --verbose',
  'also show checks that passed, and every different finding',
)

/** `preflight` shows checks that passed anyway. */
export const preflightVerboseOption = new Option(
  '-v, --verbose',
  'also show FORWARD, all kinds of traffic, and every different finding',
)

/** `trace` shows checks only if it cannot follow the packet. */
export const traceVerboseOption = new Option(
  '-v, --verbose',
  'if the host cannot be read, also show checks that passed',
)

export const quietOption = new Option(
  '-q, --quiet',
  'show only what failed and the recap; no progress',
).conflicts('verbose')

/** How to log in, of the commands that connect. */
export const loginOptions: readonly Option[] = [
  new Option('-u, --user <name>', 'login user, if the inventory names none'),
  new Option('-k, --ask-pass', 'ask for the SSH password'),
  new Option('-K, --ask-become-pass', 'ask for the sudo password'),
  new Option('--private-key <file>', 'private key for the login, if the inventory names none'),
  new Option(
    '-T, --timeout <seconds>',
    'time limit to connect, log in and become root; also for each try of a probe',
  )
    .argParser(positive)
    .default(defaultTimeout),
]

/** Which interface to guard, and whether to ask about saving it. */
export const interfaceOptions: readonly Option[] = [
  new Option(
    '--interface <name>',
    'interface that receives traffic from the subnet (overrides fw_interface)',
  ).argParser(oneInterface),
  new Option(
    '-y, --yes',
    'do not ask about saving the chosen interface, and do not save it (does not answer --ask or --confirm)',
  ),
]

/** `remove` takes all rules of ours away, on every interface, and so never asks which one. */
export const unusedInterfaceOptions: readonly Option[] = [
  new Option(
    '--interface <name>',
    'accepted for scripts; has no effect, because remove removes the rule from every interface',
  ).argParser(oneInterface),
  new Option(
    '-y, --yes',
    'accepted for scripts; has no effect (does not answer --ask or --confirm)',
  ),
]

/** `recover` never asks: for scripts that give -y to every command. */
export const yesOption = new Option(
  '-y, --yes',
  'accepted for scripts; has no effect, because recover never asks',
)

/** How the result is shown, of every command. */
export const outputOptions: readonly Option[] = [
  new Option('--output <format>', 'format of the result on stdout')
    .choices(outputFormats)
    .default('text'),
  new Option('--no-color', 'no colours (also NO_COLOR)'),
]
