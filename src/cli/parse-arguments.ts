import { Argument, Command, CommanderError } from 'commander'
import type { CommandDefinition } from '../commands/command.ts'
import { commands, groupSummaries, listing } from '../commands/commands.ts'
import type { CommandSettings, OptionValues, OutputFormat } from '../commands/settings.ts'
import type { WithFlags } from '../text/printed-commands.ts'
import { wrapText } from '../text/wrap.ts'
import { version } from '../version.ts'
import { commandFirst } from './command-first.ts'
import { type Complaint, complaintOf } from './complaint.ts'
import { checkEnvironment, fromEnvironment } from './environment.ts'
import { flagsAgain } from './flags-again.ts'
import { hintForWord, isInventory } from './slips.ts'
import { addHelp, afterHelp, description, withHint } from './usage.ts'

/** What a command line asks for. */
export interface Invocation {
  readonly command: CommandDefinition
  readonly settings: CommandSettings
  readonly output: OutputFormat
  readonly color: boolean
  /** Gives printed commands the flags of this command line that they need. */
  readonly withFlags: WithFlags
}

/** An invocation; or, after help was printed, 0; or 5 for bad usage, with the complaint that was printed. */
export type Parsed =
  | { readonly kind: 'invocation'; readonly invocation: Invocation }
  | { readonly kind: 'ended'; readonly exitCode: 0 }
  | { readonly kind: 'ended'; readonly exitCode: 5; readonly complaint: Complaint }

/** Reads the arguments after `fw-run`, and FW_RUN_… for the options that are not given. */
export function parseArguments(given: readonly string[]): Parsed {
  let invocation: Invocation | undefined
  const program = new Command('fw-run')
    .description(description)
    .version(version)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('Run `fw-run --help`.')
    .configureOutput({
      outputError: (text, write) => write(wrapText(withHint(text), process.stderr.columns)),
    })
    .addHelpText('after', afterHelp)
  for (const definition of commands) {
    const command = addCommand(program, definition)
    command.action(() => {
      invocation = readInvocation(command, definition)
    })
  }
  addHelp(program)
  const args = commandFirst(asCommand(given), program)
  try {
    program.parse([...args], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { kind: 'ended', exitCode: 0 }
    return { kind: 'ended', exitCode: 5, complaint: complaintOf(error, args) }
  }
  if (invocation) return { kind: 'invocation', invocation }
  return { kind: 'ended', exitCode: 5, complaint: complaintOf(noCommand, args) }
}

/** `--version -v` as the command `version -v`. */
function asCommand(args: readonly string[]): readonly string[] {
  const [more, ...others] = args.filter((word) => word !== '--version' && word !== '-V')
  const isMore = others.length === 0 && (more === '-v' || more === '--verbose')
  return isMore && args.length === 2 ? ['version', more] : args
}

function addCommand(program: Command, definition: CommandDefinition): Command {
  const { name, summary, word, options, connects, changesHosts } = definition
  const remark = connects ? (changesHosts ? '' : '; changes no host') : '; does not connect'
  const command = parentOf(program, name)
    .command(name.replace(/.* /, ''))
    .description(`${summary}${remark}`)
    .showHelpAfterError(`Run \`fw-run ${name} --help\`.`)
    .allowExcessArguments()
  for (const option of options) command.addOption(fromEnvironment(option))
  if (word) {
    const [usage, meaning, choices] = word
    const argument = new Argument(usage, meaning)
    command.addArgument(choices ? argument.choices(choices) : argument)
  }
  return command
}

/** The command in which one with a name of two words stands: `hosts` of `hosts add`; made where it is not there yet. */
function parentOf(program: Command, name: string): Command {
  const [first = '', second] = name.split(' ')
  if (second === undefined) return program
  const known = program.commands.find((one) => one.name() === first)
  return (
    known ??
    program
      .command(first)
      .description(groupSummaries[first] ?? '')
      .showHelpAfterError(`Run \`fw-run ${first} --help\`.`)
  )
}

/** What a parsed command line and the environment ask for; a fault in them is an error of commander's. */
function readInvocation(command: Command, definition: CommandDefinition): Invocation {
  const { fault, warnings } = checkEnvironment(command)
  if (fault !== undefined) return command.error(`error: ${fault}`)
  for (const warning of warnings)
    process.stderr.write(`${wrapText(`warning: ${warning}`, process.stderr.columns)}\n`)
  const values = command.opts<OptionValues>()
  const [word, ...more] = command.args
  const surplus = definition.takesMore ? undefined : command.args[definition.word ? 1 : 0]
  const hasInventory = values.inventory !== undefined
  if (surplus !== undefined) {
    const hasLimit = definition.options.some(({ long }) => long === '--limit')
    const words = definition.word ? 'one word' : 'no word'
    const hint = hintForWord(surplus, hasLimit) ?? `This command takes ${words}.`
    return command.error(`error: unexpected word '${surplus}'\n(${hint})`)
  }
  if (definition.needsInventory && !hasInventory) {
    const isMisplaced = word !== undefined && isInventory(word)
    const hint = isMisplaced ? `\n(${hintForWord(word, false)})` : ''
    return command.error(`${noInventory}${hint}`)
  }
  const settings = definition.readSettings(values, word, more)
  if ('fault' in settings) return command.error(`error: ${settings.fault}`)
  const asked = values.listHosts ? { ...definition, ...listing } : definition
  const { output = 'text', color = false } = values
  const withFlags = flagsAgain(command, definition, settings)
  return { command: asked, settings, output, color, withFlags }
}

const noCommand = { code: 'commander.help', message: '' }
const noInventory = 'error: no inventory: give -i/--inventory FILE, or set FW_RUN_INVENTORY'
