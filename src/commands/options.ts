import { Option } from 'commander'
import { defaultForks, defaultTimeout, defaultWatch } from '../defaults.ts'
import type { CommandSettings } from './command.ts'
import type { CommandName } from './commands.ts'
import { fromEnvironment } from './environment.ts'
import { atLeastOne, collect, interfaceName, positive } from './option-values.ts'
import { type SafetyValues, safetyFrom, safetyOptions } from './safety-options.ts'
import { type TraceValues, traceOptions } from './trace-options.ts'

export type OutputFormat = 'text' | 'json' | 'ndjson'

/** What the flags say, as commander gives it. */
export interface OptionValues extends TraceValues, SafetyValues {
  readonly inventory?: string
  readonly limit?: string
  readonly extraVars?: readonly string[]
  readonly forks?: number
  readonly user?: string
  readonly askPass?: boolean
  readonly askBecomePass?: boolean
  readonly privateKey?: string
  readonly timeout?: number
  readonly interface?: string
  readonly yes?: boolean
  readonly check?: boolean
  readonly diff?: boolean
  readonly verbose?: boolean
  readonly settle?: number | true
  readonly output: OutputFormat
  readonly color: boolean
}

/** The flags of a command. */
export function optionsOf(command: CommandName): readonly Option[] {
  const options = command === 'runs' ? [diffOption()] : inventoryOptions(command)
  return [...options, ...outputOptions()].map(fromEnvironment)
}

/** The settings that these flags make, with a default for each that is not given. */
export function settingsFrom(
  values: OptionValues,
  { inventory, trace, pastRun }: Pick<CommandSettings, 'inventory' | 'trace' | 'pastRun'>,
): CommandSettings {
  return {
    inventory,
    limit: values.limit,
    extraVars: values.extraVars ?? [],
    forks: values.forks ?? defaultForks,
    user: values.user,
    askPass: values.askPass ?? false,
    askBecomePass: values.askBecomePass ?? false,
    privateKey: values.privateKey,
    timeout: values.timeout ?? defaultTimeout,
    interface: values.interface,
    yes: values.yes ?? false,
    ...safetyFrom(values),
    check: values.check ?? false,
    diff: values.diff ?? false,
    verbose: values.verbose ?? false,
    settle: values.settle === true ? defaultWatch : values.settle,
    trace,
    pastRun,
  }
}

function inventoryOptions(command: CommandName): readonly Option[] {
  const changes = command === 'apply' || command === 'remove'
  const connects = command !== 'inventory'
  const several = command !== 'trace' && command !== 'recover'
  return [
    new Option('-i, --inventory <file>', 'Ansible inventory in YAML (needed)'),
    ...(several ? [limitOption()] : []),
    ...(command === 'trace' ? traceOptions() : []),
    new Option(
      '-e, --extra-vars <k=v>',
      'set a variable over the inventory (again for more)',
    ).argParser(collect),
    ...(connects ? connectionOptions() : []),
    ...(connects && command !== 'trace' ? [forksOption()] : []),
    ...(connects && several ? clusterOptions() : []),
    ...(changes
      ? [
          new Option('-C, --check', 'stop after the plan; exit 3 if changes are pending'),
          ...safetyOptions(),
        ]
      : []),
    ...(command === 'apply' ? [settleOption()] : []),
    ...(connects && several ? [diffOption()] : []),
    ...(connects && command !== 'recover'
      ? [new Option('-v, --verbose', 'show checks that passed, too')]
      : []),
  ]
}

function outputOptions(): readonly Option[] {
  return [
    new Option('--output <format>', 'form of the result on stdout')
      .choices(['text', 'json', 'ndjson'])
      .default('text'),
    new Option('--no-color', 'no colours (also NO_COLOR)'),
  ]
}

function diffOption(): Option {
  return new Option('-D, --diff', 'show changes as rules')
}

function forksOption(): Option {
  return new Option('-f, --forks <n>', 'hosts at a time')
    .argParser(atLeastOne)
    .default(defaultForks)
}

function limitOption(): Option {
  return new Option(
    '-l, --limit <pattern>',
    'only these hosts: names, groups, globs; !, & and ~ as in Ansible',
  )
}

function settleOption(): Option {
  const words = `after apply, watch this many seconds for others moving rules (default ${defaultWatch})`
  return new Option('--settle [seconds]', words).argParser(positive)
}

function connectionOptions(): readonly Option[] {
  return [
    new Option('-u, --user <name>', 'login user, where the inventory names none'),
    new Option('-k, --ask-pass', 'ask for the SSH password'),
    new Option('-K, --ask-become-pass', 'ask for the sudo password'),
    new Option('--private-key <file>', 'key to log in with, where the inventory names none'),
    new Option(
      '-T, --timeout <seconds>',
      'to connect, log in and become root; for each try of a probe',
    )
      .argParser(positive)
      .default(defaultTimeout),
  ]
}

function clusterOptions(): readonly Option[] {
  return [
    new Option(
      '--interface <name>',
      'interface the subnet comes in on (over fw_interface)',
    ).argParser(interfaceName),
    new Option(
      '-y, --yes',
      'do not ask whether to save an answer to the inventory (does not answer --confirm)',
    ),
  ]
}
