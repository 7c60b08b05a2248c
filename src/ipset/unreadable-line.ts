import { quotedLines } from '../text/quoted-lines.ts'

/**
 * The first line of `ipset save` that cannot be read for sure, and why, in words. Names are printed without quotes. The part
 * of a name after a line break looks like a set or a member, but the type of the set follows it.
 */
export function setFault(text: string): string | undefined {
  for (const { text: line, number, fault } of quotedLines(text, false)) {
    const reason = fault ?? (surelyMember.test(line) ? undefined : faultOf(line))
    if (reason !== undefined) return `line ${number}: ${reason}`
  }
  return undefined
}

/** As nearly all lines are: a member that begins with a digit, and nothing behind it. */
const surelyMember = /^add (?!bitmap:|hash:|list:)[^ ]+ \d[^ ]*$/

function faultOf(line: string): string | undefined {
  const words = line.replace(/ comment "[^"]*"/, '').split(' ')
  const [verb, , type = '', ...rest] = words
  if (verb === 'create' && !isType(type)) return 'this set has no type'
  if (verb === 'add' && words.length < 3) return 'this line adds no member'
  const odd = verb === 'create' ? rest : words
  return odd.some(isType) ? 'the type of a set is in the wrong place' : undefined
}

function isType(word: string): boolean {
  return /^(bitmap|hash|list):/.test(word)
}
