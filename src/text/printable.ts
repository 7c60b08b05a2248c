/** What a host said, fit for a terminal: one line without control characters, at most 200 characters. */
export function printable(words: string): string {
  return words
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 200)
}
