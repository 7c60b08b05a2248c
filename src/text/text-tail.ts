import { printable } from './printable.ts'

/** The end of a stream of text, however long the stream is. */
export interface TextTail {
  push(text: string): void
  clear(): void
  /** Forgets everything up to the end of the first match, if there is one. */
  clearThrough(mark: RegExp): void
  text(): string
  /** The last line that is not blank, fit to print; empty when there is none. */
  lastLine(): string
}

/** Starts an empty tail of at most 4096 characters. */
export function createTextTail(): TextTail {
  let kept = ''
  return {
    push(text) {
      kept = (kept + text).slice(-4096)
    },
    clear() {
      kept = ''
    },
    clearThrough(mark) {
      const match = mark.exec(kept)
      if (match) kept = kept.slice(match.index + match[0].length)
    },
    text: () => kept,
    lastLine: () => printable(kept.trimEnd().split('\n').at(-1) ?? ''),
  }
}
