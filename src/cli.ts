import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { CommandSettings } from './commands/command.ts'
import { type CommandName, commands } from './commands/commands.ts'
import { type SafetyValues, safetyFrom, safetyOptions } from './commands/safety-options.ts'
import { arrivalFrom, type TraceValues, traceOptions } from './commands/trace-options.ts'
import { interfaces } from './inventory/kernel-names.ts'
import { version } from './version.ts'

/** What a command line asks for. */
export interface Invocation {
  readonly command: CommandName
  readonly settings: CommandSettings
  readonly output: 'text' | 'json' | 'ndjson'
  readonly color: boolean
}

/** An invocation, or, after help or a complaint was printed, only an exit code: 0 for help, 5 for bad usage. */
export type Parsed =
  | { readonly kind: 'invocation'; readonly invocation: Invocation }
  | { readonly kind: 'ended'; readonly exitCode: 0 | 5 }

const summaries: Readonly<Record<CommandName, string>> = {
  preflight: 'ask every check on every host, and say what apply would do; writes nothing',
  apply: 'protect all hosts as the inventory says, or change none',
  status: 'tell whether each host is protected, and what was turned away; writes nothing',
  remove: 'take rule and set off all hosts, or off none',
  trace:
    'walk one packet through the chains of a host, and tell which rules decide; writes nothing',
  recover: 'settle what interrupted runs left: forward where that was decided, else back',
  runs: 'list past runs on this jump host, or show one in full; opens no connection',
  inventory: 'show hosts, groups and set members as understood; opens no connection',
}

/** Reads the arguments after `fw-run`, and FW_RUN_… for the flags that are not given. */
export function parseArguments(args: readonly string[]): Parsed {
  let invocation: Invocation | undefined
  const program = new Command('fw-run')
    .description(
      'Guards pod networks: changes the firewall of all Kubernetes nodes at once, or of none.',
    )
    .version(version)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('Run `fw-run --help`, or `fw-run COMMAND --help`.')
    .addHelpText('after', afterHelp)
  for (const name of Object.keys(commands) as CommandName[]) {
    const command = program.command(name).description(summaries[name]).exitOverride()
    for (const option of optionsOf(name)) command.addOption(option)
    if (name === 'trace') command.argument('<host>', 'name of a host in the inventory')
    if (isAboutRuns(name)) command.argument('[run]', 'one run, by the beginning of its id')
    command.action(() => {
      const values = command.opts<Values>()
      const [word] = command.args
      const { inventory = name === 'runs' ? '' : undefined } = values
      if (inventory === undefined) return command.error(noInventory)
      if (name !== 'trace') {
        invocation = toInvocation(name, values, inventory, { pastRun: word })
        return
      }
      const arrival = arrivalFrom(values)
      if ('fault' in arrival) return command.error(`error: ${arrival.fault}`)
      const trace = { host: word ?? '', arrival }
      invocation = toInvocation(name, values, inventory, { trace })
    })
  }
  try {
    program.parse([...args], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return { kind: 'ended', exitCode: error.exitCode === 0 ? 0 : 5 }
  }
  return invocation ? { kind: 'invocation', invocation } : { kind: 'ended', exitCode: 5 }
}

function isAboutRuns(name: CommandName): boolean {
  return name === 'runs' || name === 'recover'
}

const noInventory = 'error: no inventory: give -i/--inventory FILE, or set FW_RUN_INVENTORY'

const afterHelp = `
Every flag has an environment variable: --ask-pass is FW_RUN_ASK_PASS.

Exit codes:
  0    done, or nothing to do
  1    an error in the inventory, the keys or fw-run; nothing was changed
  2    a host failed a check or a step, or a probe failed; everything is as it was
  3    changes are pending (apply --check); hosts have drifted, or may not stay as they are
       because a run is at work on them or is not settled (status)
  4    a host could not be reached or logged in to; everything is as it was
  5    bad usage
  8    a rollback is not complete, or a run is not settled (recover); the hosts are listed
  130  interrupted, or not confirmed (--confirm); rolled back`

/** Seconds between two refreshes of Felix (IptablesRefreshInterval). */
const felixRefresh = 180

function settleOption(): Option {
  const words = 'after an apply, watch so long (default 180) whether others move rules'
  return new Option('--settle [seconds]', words).argParser(positive)
}

const defaultForks = 64
const defaultTimeout = 10

interface Values extends TraceValues, SafetyValues {
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
  readonly output: Invocation['output']
  readonly color: boolean
}

function toInvocation(
  command: CommandName,
  values: Values,
  inventory: string,
  { trace, pastRun }: Pick<Partial<CommandSettings>, 'trace' | 'pastRun'>,
): Invocation {
  return {
    command,
    output: values.output,
    color: values.color,
    settings: {
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
      settle: values.settle === true ? felixRefresh : values.settle,
      trace,
      pastRun,
    },
  }
}

function optionsOf(command: CommandName): readonly Option[] {
  const options = command === 'runs' ? [diffOption()] : inventoryOptions(command)
  return [...options, ...outputOptions()].map(fromEnvironment)
}

function inventoryOptions(command: CommandName): readonly Option[] {
  const changes = command === 'apply' || command === 'remove'
  const connects = command !== 'inventory'
  const several = command !== 'trace' && command !== 'recover'
  return [
    new Option('-i, --inventory <file>', 'Ansible inventory in YAML (needed)'),
    ...(several ? [limitOption()] : []),
    ...(command === 'trace' ? traceOptions(interfaceName) : []),
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
          ...safetyOptions(positive),
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

/** Every flag has its variable: `--ask-pass` is FW_RUN_ASK_PASS. Empty is unset; 0, no or false, too, for a switch. */
function fromEnvironment(option: Option): Option {
  const name = `FW_RUN_${option.name().toUpperCase().replaceAll('-', '_')}`
  const isSwitch = !option.required && !option.optional
  const value = process.env[name]
  if (value === '' || (isSwitch && /^(0|no|false)$/i.test(value ?? ''))) delete process.env[name]
  return option.env(name)
}

function interfaceName(value: string): string {
  const { error } = interfaces.safeParse(value)
  if (error) throw new InvalidArgumentError(error.issues[0]?.message ?? '')
  return value
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value]
}

function atLeastOne(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('Give a whole number from 1 on.')
  return number
}

function positive(value: string): number {
  const number = Number(value)
  if (!(number > 0 && number <= 3600))
    throw new InvalidArgumentError('Give seconds, more than 0, 3600 at most.')
  return number
}
