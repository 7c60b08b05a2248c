import { commands } from '../commands/commands.ts'
import { type OutputFormat, outputFormats } from '../commands/settings.ts'
import { withHint } from './usage.ts'

/** What is wrong with a command line, for programs: the format and the command are what it asked for, as far as that is known. */
export interface Complaint {
  readonly output: OutputFormat
  readonly command: string | null
  readonly message: string
  readonly remedy: string
}

/** The complaint about arguments that commander refused. */
export function complaintOf(
  error: { readonly code: string; readonly message: string },
  args: readonly string[],
): Complaint {
  const [word = '', next = ''] = args.filter((one) => !one.startsWith('-'))
  const command =
    commands.find(({ name }) => [word, `${word} ${next}`].includes(name))?.name ?? null
  const help = `Run \`fw-run ${command === null ? '' : `${command} `}--help\`.`
  const said = error.code === 'commander.help' ? 'No command is given.' : withHint(error.message)
  const [message = '', hint] = said.replace(/^error: /, '').split('\n')
  return { output: formatIn(args), command, message, remedy: hint?.slice(1, -1) || help }
}

/** The format that a command line asks for, although it cannot be read as a whole. */
function formatIn(args: readonly string[]): OutputFormat {
  const [last = process.env.FW_RUN_OUTPUT] = args
    .flatMap(
      (one, index) => (one === '--output' ? args[index + 1] : one.split(/^--output=/)[1]) ?? [],
    )
    .slice(-1)
  return outputFormats.find((format) => format === last) ?? 'text'
}
