/**
 * The words of a command line behind `fw-run`, the last one as far as it is typed, without the quotes of a
 * shell. No variable is replaced.
 */
export function wordsOfLine(line: string): readonly string[] {
  const words = ['']
  let quote = ''
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? ''
    const add = (text: string): void => void words.push((words.pop() ?? '') + text)
    if (quote !== '' && character === quote) quote = ''
    else if (quote === '' && /['"]/.test(character)) quote = character
    else if (quote !== "'" && character === '\\') add(line[++at] ?? '')
    else if (quote === '' && /\s/.test(character)) words.push('')
    else add(character)
  }
  const given = words.filter((word, index) => word !== '' || index === words.length - 1)
  // An alias of fw-run has another name.
  const program = Math.max(
    0,
    given.findIndex((word) => /(^|\/)fw-run$/.test(word)),
  )
  return given.slice(program + 1)
}
