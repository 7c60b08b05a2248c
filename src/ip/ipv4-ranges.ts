import { known, type Ternary } from '../ternary.ts'
import { formatAddress, parseAddress, parseAddressIn } from './ipv4.ts'

/** IPv4 addresses from `first` to `last`, both included, as numbers. */
export interface Range {
  readonly first: number
  readonly last: number
}

/** A range that has a prefix: its first `length` bits are alike. */
export interface Network extends Range {
  readonly length: number
}

/** Reads `10.0.0.1`, `10.0.0.0/8`, `10.0.0.0/255.0.0.0` or `10.0.0.1-10.0.0.9`; undefined for any other text. */
export function parseRange(text: string): Range | undefined {
  const network = parseNetwork(text)
  if (network) return network
  const dash = text.indexOf('-')
  const [first, last] = [parseAddress(text.slice(0, dash)), parseAddress(text.slice(dash + 1))]
  if (dash < 0 || first === undefined || last === undefined || first > last) return undefined
  return { first, last }
}

/** Reads a network, `10.0.0.0/8` or `10.0.0.0/255.0.0.0`, or one address; bits behind the prefix may be set. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/')
  const address = parseAddressIn(text, 0, slash < 0 ? text.length : slash)
  if (address === undefined) return undefined
  const length = slash < 0 ? 32 : parseLength(text.slice(slash + 1))
  if (length === undefined) return undefined
  const size = 2 ** (32 - length)
  const first = address - (address % size)
  return { first, last: first + size - 1, length }
}

/** Writes a network as `10.0.0.0/8`. */
export function formatNetwork({ first, length }: Network): string {
  return `${formatAddress(first)}/${length}`
}

/** Whether a range lies in another. */
export function contains(whole: Range, part: Range): boolean {
  return part.first >= whole.first && part.last <= whole.last
}

const anywhere: Range = { first: 0, last: 2 ** 32 - 1 }
const recent = new Map<string, Range | undefined>()

/** The range of a packet's address; of one that is not known, all addresses. Kept, because thousands of rules ask for it. */
export function rangeOf(address: string | undefined): Range | undefined {
  if (address === undefined) return anywhere
  const known = recent.get(address)
  if (known) return known
  if (recent.size > 1000) recent.clear()
  const range = parseRange(address)
  recent.set(address, range)
  return range
}

/** Whether an address is in `range`, if it is only known that the address is in `some`. */
export function within(some: Range, range: Range): Ternary {
  if (some.last < range.first || some.first > range.last) return 'no'
  return some.first >= range.first && some.last <= range.last ? 'yes' : 'maybe'
}

/** Whether an address has the bits of `network` where `mask` has bits. */
function masksTo(some: Range, network: number, mask: number): Ternary {
  if (some.first !== some.last) return 'maybe'
  return known(((some.first ^ network) & mask) === 0)
}

/** Reads an address, a network, or an address with any mask. The test says whether the address of a packet is in it. */
export function networkTest(text: string): (address: string | undefined) => Ternary {
  const range = parseRange(text)
  const [network, mask] = text.split('/').map(parseAddress)
  return (address) => {
    const some = rangeOf(address)
    if (!some) return 'maybe'
    if (range) return within(some, range)
    return network === undefined || mask === undefined ? 'maybe' : masksTo(some, network, mask)
  }
}

function parseLength(text: string): number | undefined {
  if (/^(\d|[12]\d|3[0-2])$/.test(text)) return Number(text)
  const mask = parseAddress(text)
  if (mask === undefined) return undefined
  const length = Math.clz32(~mask)
  return mask === 2 ** 32 - 2 ** (32 - length) ? length : undefined
}
