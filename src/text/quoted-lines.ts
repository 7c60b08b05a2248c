/** A line that ends outside of quotes: a quoted string may hold line breaks. */
export interface QuotedLine {
  readonly text: string
  /** The number of its first line in the whole text, from 1. */
  readonly number: number
  /** Why it is not sure that the line is one, in words; undefined if it is. */
  readonly fault: string | undefined
}

/**
 * The lines of a text that are not empty. A line does not end within double quotes, where with `escapes` a backslash keeps the
 * next character. A quote must begin and end a word, as programs print it: a name with a quote in it may not hide lines.
 */
export function* quotedLines(text: string, escapes: boolean): Generator<QuotedLine, void> {
  let [start, number, nextQuote] = [0, 1, text.indexOf('"')]
  while (start < text.length) {
    const { end, fault }: LineEnd =
      nextQuote < 0
        ? { end: breakAfter(text, start), fault: undefined }
        : endOf(text, start, nextQuote, escapes)
    const line = text.slice(start, end)
    if (line !== '') yield { text: line, number, fault }
    number += countOf(line, '\n') + 1
    start = end + 1
    // Without its other end, nobody knows which later quote closes it.
    if (fault === endless) nextQuote = -1
    else if (nextQuote >= 0 && nextQuote < start) nextQuote = text.indexOf('"', start)
  }
}

const endless = 'a quote is not closed'

interface LineEnd {
  readonly end: number
  readonly fault: string | undefined
}

/** Where a line ends that begins at `start`, if the next quote of the text is at `quote`. */
function endOf(text: string, start: number, quote: number, escapes: boolean): LineEnd {
  let open = quote
  let end = breakAfter(text, start)
  while (open >= 0 && open < end) {
    if (open > start && text[open - 1] !== ' ') return { end, fault: 'a quote is inside a word' }
    const close = closing(text, open + 1, escapes)
    if (close === undefined) return { end, fault: endless }
    if (close > end) end = breakAfter(text, close)
    if (close + 1 < end && text[close + 1] !== ' ')
      return { end, fault: 'a quote is inside a word' }
    open = text.indexOf('"', close + 1)
  }
  return { end, fault: undefined }
}

function breakAfter(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

function closing(text: string, from: number, escapes: boolean): number | undefined {
  let at = from
  while (at < text.length && text[at] !== '"') at += escapes && text[at] === '\\' ? 2 : 1
  return at < text.length ? at : undefined
}

function countOf(text: string, character: string): number {
  let count = 0
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count++
  return count
}
