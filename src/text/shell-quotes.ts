/** Quotes a word for sh. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

/** A word as a person would type it into a shell: quoted only if it has to be. */
export function typed(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : quote(word)
}
