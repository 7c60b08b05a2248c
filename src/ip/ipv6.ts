import { isIPv6 } from 'node:net'

/**
 * Reads an IPv6 address; undefined for any other text. One with a zone is none, as it holds on one link only. One with an
 * IPv4 address in it, such as `::ffff:192.0.2.1`, is none either: packets carry the IPv4 address.
 */
export function parseIpv6(text: string): bigint | undefined {
  if (text.length > LONGEST || text.includes('.') || text.includes('%') || !isIPv6(text)) {
    return undefined
  }
  const [before = [], after = []] = text.split('::').map(groupsOf)
  const zeros = '0'.repeat(DIGITS - 4 * (before.length + after.length))
  return BigInt(`0x${before.join('')}${zeros}${after.join('')}`)
}

/** Writes an IPv6 address in the one way of RFC 5952: small letters, and the longest run of zeros as `::`. */
export function formatIpv6(address: bigint): string {
  const digits = address.toString(16).padStart(DIGITS, '0')
  const groups = digits.match(/\w{4}/g) ?? []
  const text = groups.map((group) => group.replace(/^0{1,3}/, '')).join(':')
  const [first, ...others] = text.matchAll(/\b0(:0)+\b/g)
  if (first === undefined) return text
  const longest = others.reduce(
    (one, other) => (other[0].length > one[0].length ? other : one),
    first,
  )
  const [before, after] = [
    text.slice(0, longest.index),
    text.slice(longest.index + longest[0].length),
  ]
  return `${before.replace(/:$/, '')}::${after.replace(/^:/, '')}`
}

/** `1234:1234:1234:1234:1234:1234:1234:1234` */
const LONGEST = 39
const DIGITS = 32

function groupsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(':').map((group) => group.padStart(4, '0'))
}
