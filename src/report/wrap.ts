import { stripVTControlCharacters } from 'node:util'

/** The least columns that are worth wrapping for. */
const narrowest = 40

/**
 * Breaks lines that are too long for a terminal between words, so that what follows stands under its own text. A command
 * is never broken, for it is there to be copied, nor a rule between an option and its values. Without columns, nothing is.
 */
export function wrapLines(
  lines: readonly string[],
  columns: number | undefined,
): readonly string[] {
  if (columns === undefined || columns < narrowest) return lines
  return lines
    .flatMap((line) => line.split('\n'))
    .flatMap((line) => (widthOf(line) <= columns ? [line] : wrapLine(line, columns)))
}

function wrapLine(line: string, columns: number): readonly string[] {
  const indent = ' '.repeat(Math.min(hangOf(stripVTControlCharacters(line)), columns / 2))
  const rows: string[] = []
  let row = ''
  for (const { gap, text } of piecesOf(line, columns - indent.length)) {
    const longer = `${row}${gap}${text}`
    if (row.trim() === '' || widthOf(longer) <= columns) row = longer
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

/** The words of a line, but for commands: those in backquotes, and what follows `run:` up to the end. */
function piecesOf(line: string, room: number): readonly Piece[] {
  const [, prose = line, command] = /^(.*?\brun:)( +\S.*)$/.exec(line) ?? []
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
    if (longer && open && (!begins || last.text.endsWith('!')) && widthOf(longer) <= room) {
      joined[joined.length - 1] = { gap: last.gap, text: longer }
    } else joined.push(word)
    open = (open || begins) && !/[),;:]$/.test(word.text)
  }
  return joined
}

function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length
}
