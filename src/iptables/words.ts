/**
 * Splits a rule line into words, as `iptables-save` prints it. Double quotes hold a word together, with line breaks too;
 * inside them a backslash stands before `"`, `'` and `\` (libxtables/xtables.c, xtables_save_string).
 */
export function splitWords(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  for (let at = 0; at < line.length; ) {
    const char = line[at]
    if (char === ' ') {
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

/** Where the quote ends that begins before `at`; the end of the line if the quote has no end. */
function closingQuote(line: string, at: number): number {
  let end = at
  while (end < line.length && line[end] !== '"') end += line[end] === '\\' ? 2 : 1
  return Math.min(end, line.length)
}

function endOfPlain(line: string, at: number): number {
  let end = at
  while (end < line.length && line[end] !== ' ' && line[end] !== '"') end++
  return end
}

function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(/\\(.)/gs, '$1') : text
}

/** Joins words to the line that `iptables-save` prints. Splitting it gives the same words again. */
export function joinWords(words: readonly string[]): string {
  return words
    .map((word, i) => {
      const plain = texts.has(words[i - 1] ?? '') ? /^[\w-]+$/ : /^[^\s"'\\]+$/
      return plain.test(word) ? word : quote(word)
    })
    .join(' ')
}

/** Options whose value is any text. iptables prints it without quotes only if it has letters, digits, `_` and `-` alone. */
const texts: ReadonlySet<string> = new Set([
  '--comment',
  '--helper',
  '--log-prefix',
  '--nflog-prefix',
])

function quote(word: string): string {
  return `"${word.replace(/["'\\]/g, '\\$&')}"`
}
