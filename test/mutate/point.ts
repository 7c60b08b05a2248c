/** One place where a source text can be changed: the words from `start` up to `end` are replaced. */
export interface Point {
  readonly start: number
  readonly end: number
  readonly replacement: string
}

/** A file with one point changed. */
export interface Mutant {
  /** Relative to the checkout. */
  readonly file: string
  readonly line: number
  /** The changed lines before and after, as one line each; of long ones what stands around the point. */
  readonly was: string
  readonly becomes: string
  /** The whole text of the changed file. */
  readonly text: string
}

/** How many characters before and after a point are shown at most. */
const maxAround = 160

/** Changes a file's text at one point. */
export function mutate(file: string, text: string, { start, end, replacement }: Point): Mutant {
  const lineEnd = text.indexOf('\n', end) < 0 ? text.length : text.indexOf('\n', end)
  const from = Math.max(text.lastIndexOf('\n', start - 1) + 1, start - maxAround)
  const to = Math.min(lineEnd, end + maxAround)
  return {
    file,
    line: text.slice(0, start).split('\n').length,
    was: inOneLine(text.slice(from, to)),
    becomes: inOneLine(text.slice(from, start) + replacement + text.slice(end, to)) || '(dropped)',
    text: text.slice(0, start) + replacement + text.slice(end),
  }
}

function inOneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 500 ? `${line.slice(0, 250)}…${line.slice(-250)}` : line
}
