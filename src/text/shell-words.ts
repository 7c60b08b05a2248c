/** One word of a line, and where it begins. */
export interface ShellWord {
  readonly text: string
  readonly offset: number
  /** Whether a `#` that is not quoted cut it off. */
  readonly cut: boolean
}

/**
 * The words of a line as Python's `shlex.split` has them, which Ansible uses: quotes and backslashes, but no variables and no
 * commands. With `comments`, `#` begins a comment, also within a word. A text instead says what the line has that is wrong.
 */
export function shellWords(line: string, comments: boolean): readonly ShellWord[] | string {
  const ends = comments ? `#${whitespace}` : whitespace
  const words: ShellWord[] = []
  let at = 0
  while (at < line.length) {
    const char = line.charAt(at)
    if (comments && char === '#') break
    if (whitespace.includes(char)) {
      at += 1
      continue
    }
    const word = wordAt(line, at, ends)
    if (typeof word === 'string') return word
    words.push({ text: word.text, offset: at, cut: line.charAt(word.end) === '#' })
    at = word.end
  }
  return words
}

const whitespace = ' \t\r\n'

/** The word that begins at an offset, and the offset behind it. */
function wordAt(
  line: string,
  start: number,
  ends: string,
): { readonly text: string; readonly end: number } | string {
  let text = ''
  let quote = ''
  let at = start
  for (; at < line.length; at += 1) {
    const char = line.charAt(at)
    if (quote !== '') {
      const next = line.charAt(at + 1)
      if (char === quote) quote = ''
      else if (char === '\\' && quote === '"' && (next === '"' || next === '\\')) {
        text += next
        at += 1
      } else text += char
    } else if (char === '"' || char === "'") quote = char
    else if (char === '\\') {
      if (at + 1 === line.length) return 'a backslash at the end, with nothing after it'
      text += line.charAt(at + 1)
      at += 1
    } else if (ends.includes(char)) break
    else text += char
  }
  return quote === ''
    ? { text, end: at }
    : `a quote that is not closed: another ${quote} is missing`
}
