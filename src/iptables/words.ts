/**
 * Splits a rule line as `iptables-save` prints it into words. Double quotes group, and inside them a backslash
 * escapes `"`, `'` and `\` (iptables: libxtables/xtables.c, xtables_save_string).
 */
export function splitWords(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const char = line.charAt(i)
    if (quoted) {
      if (char === '\\' && i + 1 < line.length) word = `${word ?? ''}${line.charAt(++i)}`
      else if (char === '"') quoted = false
      else word = `${word ?? ''}${char}`
    } else if (char === '"') {
      quoted = true
      word ??= ''
    } else if (char === ' ' || char === '\t') {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      word = `${word ?? ''}${char}`
    }
  }
  if (word !== undefined) words.push(word)
  return words
}

/** Joins words to a line, quoting as `iptables-save` does, so that splitting gives the same words back. */
export function joinWords(words: readonly string[]): string {
  return words.map((word) => (/^[^\s"'\\]+$/.test(word) ? word : quote(word))).join(' ')
}

function quote(word: string): string {
  return `"${word.replace(/["'\\]/g, '\\$&')}"`
}
