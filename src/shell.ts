/** Quotes a word for sh: nothing between single quotes means anything but itself. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
