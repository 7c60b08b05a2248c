import type { Point } from './point.ts'

const swaps: readonly (readonly [RegExp, string])[] = [
  [/ -lt /g, ' -le '],
  [/ -le /g, ' -lt '],
  [/ -gt /g, ' -ge '],
  [/ -ge /g, ' -gt '],
  [/ -eq /g, ' -ne '],
  [/ && /g, ' || '],
  [/ \|\| /g, ' && '],
  [/\[ -n /g, '[ -z '],
  [/\[ -z /g, '[ -n '],
  [/\[ (?!-[nz]|! )/g, '[ ! '],
  [/\[ ! /g, '[ '],
  [/ (?<!!)= /g, ' != '],
  [/ != /g, ' = '],
  [/\b(if|while) (?!\[|!|:)/g, '$1 ! '],
]

/** Lines that only hold a construct together: without them the text would be no program. */
const frame =
  /^\s*(#.*|\w+\(\) \{.*|[{}]|then|else|do|done\b.*|fi|esac|case .*|if .*|elif .*|while .*|for .*|[^\s()]*\)|;;|set -.*)?$/

/** All points of a shell text, found line by line: the line is dropped, or a test or connective in it is turned. */
export function shellPoints(text: string): readonly Point[] {
  let start = 0
  return text.split('\n').flatMap((line) => {
    const at = start
    start += line.length + 1
    if (/^\s*#/.test(line)) return []
    const whole = { start: at, end: at + line.length }
    const dropped = frame.test(line) ? [] : [{ ...whole, replacement: '' }]
    const swapped = swaps.flatMap(([pattern, becomes]) =>
      [...line.matchAll(pattern)].map((found) => {
        const from = at + found.index
        const replacement = becomes.replace('$1', found[1] ?? '')
        return { start: from, end: from + found[0].length, replacement }
      }),
    )
    return [...dropped, ...swapped]
  })
}
