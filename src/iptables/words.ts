/**
 * Splits a rule line as `iptables-save` prints it into words. Double quotes group, and inside them a backslash
 * escapes `"`, `'` and `\` (iptables: libxtables/xtables.c, xtables_save_string).
 */
export function splitWords(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  for (let at = 0; at < line.length; ) {
    const char = line[at]
    if (char === ' ' || char === '\t') {
      if (word !== undefined) words.push(word)
      word = undefined
      at++
    } else if (char === '"') {
      const end = closingQuote(line, at + 1)
      word = `${word ?? ''}${unescaped(line.slice(at + 1, end))}`
      at = end + 1
    } else {
      const end = endOfPlain(line, at)
      word = word === undefined ? line.slice(at, end) : word + line.slice(at, end)
      at = end
    }
  }
  if (word !== undefined) words.push(word)
  return words
}

/** Where the quote that was opened before `at` ends; the end of the line if it never does. */
function closingQuote(line: string, at: number): number {
  let end = at
  while (end < line.length && line[end] !== '"') end += line[end] === '\\' ? 2 : 1
  return Math.min(end, line.length)
}

function endOfPlain(line: string, at: number): number {
  let end = at
  while (end < line.length && line[end] !== ' ' && line[end] !== '"' && line[end] !== '\t') end++
  return end
}

function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(/\\(.)/g, '$1') : text
}

/** Joins words to the line that `iptables-save` prints: splitting gives the same words back. */
export function joinWords(words: readonly string[]): string {
  return words
    .map((word, i) => {
      const plain = texts.has(words[i - 1] ?? '') ? /^[\w-]+$/ : /^[^\s"'\\]+$/
      return plain.test(word) ? word : quote(word)
    })
    .join(' ')
}

/** The options whose value is any text: it is printed plain only if made of letters, digits, `_` and `-`. */
const texts: ReadonlySet<string> = new Set([
  '--comment',
  '--helper',
  '--log-prefix',
  '--nflog-prefix',
])

function quote(word: string): string {
  return `"${word.replace(/["'\\]/g, '\\$&')}"`
}
