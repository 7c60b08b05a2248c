import type { Option } from 'commander'

/** Whether a value follows an option: never, always, or only if it does not look like something else. */
export type Follows = 'none' | 'one' | 'maybe'

/** An argument that begins with a dash: the option whose value the next argument is, if it is one. */
export interface OptionWord {
  readonly follows: Follows
  readonly option: Option
  /** The value that stands in the argument itself: of `--limit=a` it is `a`. */
  readonly value: string | undefined
}

/** Reads an argument that begins with a dash; undefined if it is none of these options. */
export function readOptionWord(
  argument: string,
  options: readonly Option[],
): OptionWord | undefined {
  if (argument.startsWith('--')) {
    const [, name, value] = /^(--[^=]*)(?:=(.*))?$/s.exec(argument) ?? []
    const option = options.find(({ long }) => long === name)
    return option && { option, value, follows: value === undefined ? followsOf(option) : 'none' }
  }
  // Short switches may be written together, the last one with its value: -vi FILE, -viFILE.
  let last: OptionWord | undefined
  for (let at = 1; at < argument.length; at++) {
    const option = options.find(({ short }) => short === `-${argument[at]}`)
    if (!option) return undefined
    const follows = followsOf(option)
    const rest = argument.slice(at + 1)
    if (follows !== 'none' && rest !== '') return { option, value: rest, follows: 'none' }
    last = { option, value: undefined, follows }
  }
  return last
}

function followsOf({ required, optional }: Option): Follows {
  if (required) return 'one'
  return optional ? 'maybe' : 'none'
}
