import { quotedLines } from '../text/quoted-lines.ts'

/**
 * The first line of `ipset save` that cannot be read for sure, and why, in words. Names are printed without quotes. The part
 * of a name after a line break looks like a set or a member, but the type of the set follows it.
 */
export function setFault(text: string): string | undefined {
  for (const { text: line, number, fault } of quotedLines(text, false)) {
    const reason = fault ?? faultOf(line)
    if (reason !== undefined) return `line ${number}: ${reason}`
  }
  return undefined
}

function faultOf(line: string): string | undefined {
  const words = line.replace(/ comment "[^"]*"/, '').split(' ')
  const [verb, , type = '', ...rest] = words
  if (verb === 'create' && !isType(type)) return 'a set without a type'
  if (verb === 'add' && words.length < 3) return 'no member is added'
  const odd = verb === 'create' ? rest : words
  return odd.some(isType) ? 'the type of a set is not at its usual place' : undefined
}

function isType(word: string): boolean {
  return /^(bitmap|hash|list):/.test(word)
}
