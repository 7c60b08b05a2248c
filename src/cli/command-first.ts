import type { Command, Option } from 'commander'

/**
 * The arguments with the command in front of the options that were written before it, so that `-i FILE apply` is read as
 * `apply -i FILE`. Unchanged if there is no command behind options that commands have.
 */
export function commandFirst(args: readonly string[], program: Command): readonly string[] {
  const names = new Set(program.commands.map((one) => one.name()))
  const options = program.commands.flatMap((one) => one.options)
  let at = 0
  while (at < args.length && (args[at] ?? '').startsWith('-')) {
    const values = valuesAfter(args[at] ?? '', options)
    if (values === undefined) return args
    const isValue = values === 'one' || (values === 'maybe' && !isWordOf(args[at + 1], names))
    at += isValue ? 2 : 1
  }
  const name = args[at]
  return at > 0 && name !== undefined && names.has(name)
    ? [name, ...args.slice(0, at), ...args.slice(at + 1)]
    : args
}

function isWordOf(word: string | undefined, names: ReadonlySet<string>): boolean {
  return word === undefined || word.startsWith('-') || names.has(word)
}

/** Whether a value follows an argument that begins with a dash; undefined if it is no option of any command. */
function valuesAfter(
  argument: string,
  options: readonly Option[],
): 'none' | 'one' | 'maybe' | undefined {
  if (argument.startsWith('--')) {
    const [name, value] = argument.split('=', 2)
    const option = options.find(({ long }) => long === name)
    return option && (value === undefined ? valuesOf(option) : 'none')
  }
  // Short switches may be written together, the last one with its value: -vi FILE, -viFILE.
  for (let letter = 1; letter < argument.length; letter++) {
    const option = options.find(({ short }) => short === `-${argument[letter]}`)
    const values = option && valuesOf(option)
    if (values === undefined) return undefined
    if (values !== 'none') return letter === argument.length - 1 ? values : 'none'
  }
  return argument === '-' ? undefined : 'none'
}

function valuesOf({ required, optional }: Option): 'none' | 'one' | 'maybe' {
  if (required) return 'one'
  return optional ? 'maybe' : 'none'
}
