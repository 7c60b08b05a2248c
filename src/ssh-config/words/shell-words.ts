/** The words of a line as a shell without variables and commands would part them (Python's shlex); undefined for an open quote. */
export function shellWords(text: string): readonly string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote: string | undefined
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (quote === undefined && /\s/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
      continue
    }
    word ??= ''
    if (char === quote) quote = undefined
    else if (quote === undefined && (char === '"' || char === "'")) quote = char
    else if (char === '\\' && quote !== "'") {
      const next = text[at + 1]
      if (next === undefined) return undefined
      // Between double quotes, a backslash stands for itself but before these.
      word += quote === '"' && next !== '"' && next !== '\\' ? char + next : next
      at++
    } else word += char
  }
  if (quote !== undefined) return undefined
  return word === undefined ? words : [...words, word]
}
