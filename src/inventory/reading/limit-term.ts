import { isIPv6 } from 'node:net'

/** One term of a `--limit` pattern. */
export interface Term {
  /** As it was written, for messages. */
  readonly text: string
  readonly role: 'union' | 'intersection' | 'exclusion'
  /** Whether a host or group of that name is meant. */
  readonly matches: (name: string) => boolean
  /** True if names of hosts are matched even where names of groups match. */
  readonly isWildcard: boolean
  /** First and last index, inclusive, into the hosts matched. Negative ones count from the end. */
  readonly subscript: { readonly first: number; readonly last: number } | undefined
}

/**
 * The terms of a pattern, in Ansible's grammar: `a,b`, `a:b`, `&a`, `!a`, `web*`, `~regex`, `g[0]`, `g[1:3]`, and `@file` with a term on
 * each line. Throws a SyntaxError if a regular expression is not valid.
 */
export function parsePattern(
  pattern: string,
  isName: (name: string) => boolean,
  textOf: (file: string) => string,
): readonly Term[] {
  return split(pattern.trim(), isName)
    .flatMap((word) => (word.startsWith('@') ? linesOf(textOf(word.slice(1))) : [word]))
    .map(parseTerm)
}

function linesOf(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

function split(pattern: string, isName: (name: string) => boolean): readonly string[] {
  if (isName(pattern) || isIPv6(pattern)) return [pattern]
  const parts = pattern.includes(',')
    ? pattern.split(',').flatMap(beforeSigns)
    : // A colon in the path of a file belongs to that, and one in brackets to a subscript.
      pattern.startsWith('@')
      ? beforeSigns(pattern)
      : (pattern.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g) ?? [pattern])
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

/** Splits off what was added as `:!host`, which our messages tell to do. No name has that in it; a regular expression may, but not at its end. */
function beforeSigns(part: string): readonly string[] {
  return part.trim().startsWith('~') ? part.split(/:(?=![\w.-]+$)/) : part.split(/:(?=[!&])/)
}

function parseTerm(text: string): Term {
  const sign = text.charAt(0)
  const role = sign === '!' ? 'exclusion' : sign === '&' ? 'intersection' : 'union'
  const body = role === 'union' ? text : text.slice(1).trim()
  if (body.startsWith('~')) {
    // Python's `match` is anchored at the start only.
    const regex = new RegExp(`^(?:${body.slice(1)})`)
    const matches = (name: string) => regex.test(name)
    return { text, role, matches, isWildcard: true, subscript: undefined }
  }
  const { expression, subscript } = splitSubscript(body)
  const isWildcard = /[.?*[]/.test(expression)
  return { text, role, matches: globOf(expression), isWildcard, subscript }
}

function splitSubscript(body: string): {
  readonly expression: string
  readonly subscript: Term['subscript']
} {
  const [, expression = '', index, from = '', to] =
    /^(.+)\[(?:(-?\d+)|(\d+)[:-](\d*))\]$/.exec(body) ?? []
  if (expression === '') return { expression: body, subscript: undefined }
  if (index !== undefined) {
    return { expression, subscript: { first: Number(index), last: Number(index) } }
  }
  return { expression, subscript: { first: Number(from), last: to ? Number(to) : -1 } }
}

/** As Python's fnmatch, which Ansible uses: `*`, `?`, `[seq]`, `[!seq]` and nothing else is special. */
function globOf(expression: string): (name: string) => boolean {
  const parts = expression.match(/\*+|\[!?\]?[^\]]*\]|[\s\S]/gu) ?? []
  const regex = new RegExp(`^${parts.map(translate).join('')}$`, 'u')
  return (name) => regex.test(name)
}

function translate(part: string): string {
  if (part.startsWith('*')) return '.*'
  if (part === '?') return '.'
  const [, not, sequence] = /^\[(!?)(.+)\]$/su.exec(part) ?? []
  if (sequence === undefined) return part.replace(/[[\](){}|+.^$\\/]/gu, '\\$&')
  return `[${not ? '^' : ''}${sequence.replace(/[[\]\\^]/gu, '\\$&')}]`
}
