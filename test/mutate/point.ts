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
  /** The changed lines before and after, as one line each. */
  readonly was: string
  readonly becomes: string
  /** The whole text of the changed file. */
  readonly text: string
}

/** Changes a file's text at one point. */
export function mutate(file: string, text: string, { start, end, replacement }: Point): Mutant {
  const from = text.lastIndexOf('\n', start - 1) + 1
  const to = text.indexOf('\n', end) < 0 ? text.length : text.indexOf('\n', end)
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
  return line.length > 160 ? `${line.slice(0, 160)}…` : line
}
