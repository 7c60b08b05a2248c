import { isIPv6 } from 'node:net'
import { maxHostsInRange } from '../../limits.ts'
import { isPrintable } from '../../text/printable.ts'
import { isPort } from '../addresses.ts'

/** The names that a key under `hosts:` stands for, and the port behind them if there is one; or what is wrong with the key. */
export type HostKey =
  | { readonly kind: 'hosts'; readonly names: readonly string[]; readonly port: string | undefined }
  | { readonly kind: 'fault'; readonly fault: string }

/** Reads `node1`, `node1:2222`, `[2001:db8::1]:2222`, `node[01:10]`, `db-[a:c]-[1:9:2]` as Ansible does. */
export function parseHostKey(key: string): HostKey {
  if (key.length > MAX_LENGTH)
    return fault(`a host name must not have more than ${MAX_LENGTH} characters`)
  if (!isPrintable(key)) return fault('a host name must not contain control characters')
  if (/[\s,!&'"{}]/.test(key))
    return fault('a host name must not contain spaces, quotes or any of , ! & { }')
  const glued = isIPv6(key) ? null : /^(.*):(\d+)$/.exec(key)
  const [, bare = key, port] = glued ?? []
  const inner = port === undefined ? '' : bare.slice(1, -1)
  const pattern = bare === `[${inner}]` && isIPv6(inner) ? inner : bare
  if (port !== undefined && !isPort(port)) return fault(`${port} is not a port: 1 to 65535`)
  if (pattern === '') return fault('a host needs a name')
  const names = expand(pattern)
  return typeof names === 'string' ? fault(names) : { kind: 'hosts', names, port }
}

/** No name of a host is longer, and ranges do not make it so. */
const MAX_LENGTH = 253

function fault(text: string): HostKey {
  return { kind: 'fault', fault: text }
}

/** The names of a pattern with any number of ranges, or what is wrong with it. */
function expand(pattern: string): readonly string[] | string {
  const match = /^([^[\]]*)\[([^[\]]*)\](.*)$/.exec(pattern)
  if (!match) return /[[\]]/.test(pattern) ? 'a bracket is missing: [ or ]' : [pattern]
  const [, head = '', range = '', rest = ''] = match
  const steps = sequence(range)
  if (typeof steps === 'string') return steps
  const tails = expand(rest)
  if (typeof tails === 'string') return tails
  if (steps.length * tails.length > maxHostsInRange)
    return `the range has more than ${maxHostsInRange} hosts`
  return steps.flatMap((step) => tails.map((tail) => `${head}${step}${tail}`))
}

function sequence(range: string): readonly string[] | string {
  const [begin = '', end = '', step = '1', ...more] = range.split(':')
  const how = `[${range}] is not a range; write [first:last] or [first:last:step]`
  if (more.length > 0 || !range.includes(':') || !/^[1-9]\d{0,4}$/.test(step)) return how
  const first = begin === '' ? '0' : begin
  if (/^[A-Za-z]$/.test(first) && /^[A-Za-z]$/.test(end)) {
    return letters(LETTERS.indexOf(first), LETTERS.indexOf(end), Number(step), range)
  }
  if (!/^\d{1,9}$/.test(first) || !/^\d{1,9}$/.test(end)) return how
  const isPadded = first.length > 1 && first.startsWith('0')
  if (isPadded && first.length !== end.length) {
    return `[${range}]: with a leading zero, both ends must have the same length`
  }
  const last = Number(end)
  if (last < Number(first)) return `[${range}]: the last comes before the first`
  if ((last - Number(first)) / Number(step) >= maxHostsInRange)
    return `[${range}]: more than ${maxHostsInRange} hosts`
  return numbers(Number(first), last, Number(step)).map((number) =>
    String(number).padStart(isPadded ? first.length : 0, '0'),
  )
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

function letters(first: number, last: number, step: number, range: string) {
  if (last < first) return `[${range}]: the last comes before the first`
  return numbers(first, last, step).map((index) => LETTERS.charAt(index))
}

function numbers(first: number, last: number, step: number): readonly number[] {
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, n) => first + n * step)
}
