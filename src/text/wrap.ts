import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'fast-string-width'

/** Below so many columns a terminal is not a place to read, and nothing is wrapped. */
const minColumns = 10

/**
 * Breaks lines that are too long for a terminal, between words; what follows stands under the text of its line. A command
 * is never broken, because it is there to be copied, nor a rule between an option and its values. A word that is too
 * long stays whole. `columns` unset: nothing is broken.
 */
export function wrapLines(
  lines: readonly string[],
  columns: number | undefined,
): readonly string[] {
  if (columns === undefined || columns < minColumns) return lines
  return lines
    .flatMap((line) => line.split('\n'))
    .flatMap((line) => (stringWidth(line) <= columns ? [line] : wrapLine(line, columns)))
}

/** The same for a text of one line or more. */
export function wrapText(text: string, columns: number | undefined): string {
  return wrapLines([text], columns).join('\n')
}

function wrapLine(line: string, columns: number): readonly string[] {
  const indent = ' '.repeat(Math.min(hangOf(stripVTControlCharacters(line)), columns / 4))
  const rows: string[] = []
  let row = ''
  for (const { gap, text } of piecesOf(line, columns - indent.length)) {
    const longer = `${row}${gap}${text}`
    if (row.trim() === '' || stringWidth(longer) <= columns) row = longer
    else {
      rows.push(row)
      row = `${indent}${text}`
    }
  }
  return [...rows, row]
}

/** Where the further rows of a line begin: under the text of a check, a remedy or a host, else a step in, but in a block. */
function hangOf(line: string): number {
  const lead = /^(ok {4}|warn {2}|FAIL {2}|- {5}| *-> | {0,2}\S+ +: )/.exec(line)?.[0].length
  const spaces = line.search(/\S|$/)
  return lead ?? (spaces >= 6 ? spaces : spaces + 2)
}

/** What stands together on a row, and the space before it. */
interface Piece {
  readonly gap: string
  readonly text: string
}

/** The words of a line. A command is one piece: what is in backquotes, and what follows `, run:`, `, run on the jump host:` or `then run:`. */
function piecesOf(line: string, room: number): readonly Piece[] {
  const [, prose = line, command] =
    /^(.*?(?:, |then )run(?: on the jump host)?:)( +\S.*)$/.exec(line) ?? []
  const words = [...prose.matchAll(/(\s*)((?:[^\s`]|`[^`]*`|`)+)/g)].map(
    ([, gap = '', text = '']) => ({ gap, text }),
  )
  const pieces = / -j \S/.test(prose) ? joinOptions(words, room) : words
  return command === undefined ? pieces : [...pieces, { gap: ' ', text: command.trimStart() }]
}

/** Joins each option of a rule with its values, and `!` with what it negates, as far as a row has room for them. */
function joinOptions(words: readonly Piece[], room: number): readonly Piece[] {
  const joined: Piece[] = []
  let open = false
  for (const word of words) {
    const last = joined.at(-1)
    const begins = /^(\(?--?[a-zA-Z]|!$)/.test(word.text)
    const longer = last && `${last.text}${word.gap}${word.text}`
    if (longer && open && (!begins || last.text.endsWith('!')) && stringWidth(longer) <= room) {
      joined[joined.length - 1] = { gap: last.gap, text: longer }
    } else joined.push(word)
    open = (open || begins) && !/[),;:]$/.test(word.text)
  }
  return joined
}
