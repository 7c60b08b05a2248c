import { Command, CommanderError } from 'commander'
import type { CommandSettings } from './commands/command.ts'
import { type CommandName, commands } from './commands/commands.ts'
import { checkEnvironment } from './commands/environment.ts'
import {
  type OptionValues,
  type OutputFormat,
  optionsOf,
  settingsFrom,
} from './commands/options.ts'
import { arrivalFrom } from './commands/trace-options.ts'
import { addHelp, withHint } from './commands/usage.ts'
import { version } from './version.ts'

/** What a command line asks for. */
export interface Invocation {
  readonly command: CommandName
  readonly settings: CommandSettings
  readonly output: OutputFormat
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
    .showHelpAfterError('Run `fw-run --help`.')
    .configureOutput({ outputError: (text, write) => write(withHint(text)) })
    .addHelpText('after', afterHelp)
  for (const name of Object.keys(commands) as CommandName[]) {
    const command = program
      .command(name)
      .description(summaries[name])
      .showHelpAfterError(`Run \`fw-run ${name} --help\`.`)
    for (const option of optionsOf(name)) command.addOption(option)
    if (name === 'trace') command.argument('<host>', 'name of a host in the inventory')
    if (isAboutRuns(name)) command.argument('[run]', 'one run, by the beginning of its id')
    command.action(() => {
      const { fault, warnings } = checkEnvironment(command)
      if (fault !== undefined) return command.error(`error: ${fault}`)
      for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`)
      const values = command.opts<OptionValues>()
      const [word] = command.args
      const { inventory = name === 'runs' ? '' : undefined, output, color } = values
      if (inventory === undefined) return command.error(noInventory)
      const arrival = name === 'trace' ? arrivalFrom(values) : undefined
      if (arrival && 'fault' in arrival) return command.error(`error: ${arrival.fault}`)
      const settings = settingsFrom(values, {
        inventory,
        trace: arrival && { host: word ?? '', arrival },
        pastRun: isAboutRuns(name) ? word : undefined,
      })
      invocation = { command: name, settings, output, color }
    })
  }
  addHelp(program)
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
  2    a host failed a check or a step, or a probe failed; everything is as it
       was
  3    changes are pending (apply --check); hosts have drifted, or may not stay
       as they are because a run is at work on them or is not settled (status)
  4    a host could not be reached or logged in to; everything is as it was
  5    bad usage
  8    a rollback is not complete, or a run is not settled (recover); the hosts
       are listed
  130  interrupted, or not confirmed (--confirm); rolled back`
