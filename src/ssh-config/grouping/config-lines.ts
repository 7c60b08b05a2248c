/** One line of an SSH configuration. `words` is undefined where quoting leaves a doubt about them. */
export interface ConfigLine {
  /** In lower case. */
  readonly keyword: string
  readonly value: string
  readonly words: readonly string[] | undefined
}

/** The lines of a configuration file that say something. */
export function configLines(text: string): readonly ConfigLine[] {
  return text.split('\n').flatMap((raw) => {
    const [, quoted, bare, value = ''] =
      /^\s*(?:"(\w+)"|(\w+))(?:\s*=\s*|\s+|$)(.*?)\s*$/.exec(raw) ?? []
    const keyword = (quoted ?? bare)?.toLowerCase()
    return keyword === undefined ? [] : [{ keyword, value, words: wordsOf(value) }]
  })
}

/** The words of a value, without their double quotes. Other ways of quoting, and comments, differ between versions of ssh. */
function wordsOf(value: string): readonly string[] | undefined {
  if (/['\\#]/.test(value)) return undefined
  const words: string[] = []
  for (const [whole, quoted, bare] of value.matchAll(/"([^"]*)"(?=\s|$)|([^\s"]+)(?=\s|$)|\S/g)) {
    if (quoted === undefined && bare === undefined) return undefined
    words.push(quoted ?? bare ?? whole)
  }
  return words
}
