import { known, type Ternary } from '../ternary.ts'

/** IPv4 addresses in a row, as numbers, both ends included. */
export interface Range {
  readonly first: number
  readonly last: number
}

/** Reads `10.0.0.1`, `10.0.0.0/8`, `10.0.0.0/255.0.0.0` or `10.0.0.1-10.0.0.9`; undefined if it is none, or no row. */
export function parseRange(text: string): Range | undefined {
  const [head = '', tail] = text.split(/[-/]/, 2)
  const address = parseAddress(head)
  if (address === undefined) return undefined
  if (tail === undefined) return { first: address, last: address }
  if (text.includes('-')) {
    const last = parseAddress(tail)
    return last === undefined ? undefined : { first: address, last }
  }
  const length = tail.includes('.') ? lengthOfMask(tail) : Number(tail)
  if (length === undefined || !Number.isInteger(length) || length < 0 || length > 32) {
    return undefined
  }
  const size = 2 ** (32 - length)
  const first = address - (address % size)
  return { first, last: first + size - 1 }
}

const anywhere: Range = { first: 0, last: 2 ** 32 - 1 }
const recent = new Map<string, Range | undefined>()

/** The range of a packet's address, anywhere if it is not known. Remembered, because thousands of rules ask for the same. */
export function rangeOf(address: string | undefined): Range | undefined {
  if (address === undefined) return anywhere
  const known = recent.get(address)
  if (known) return known
  if (recent.size > 1000) recent.clear()
  const range = parseRange(address)
  recent.set(address, range)
  return range
}

/** Whether an address is in a range, when all that is known of it is that it lies in `some`. */
export function within(some: Range, range: Range): Ternary {
  if (some.last < range.first || some.first > range.last) return 'no'
  return some.first >= range.first && some.last <= range.last ? 'yes' : 'maybe'
}

/** Whether an address, masked with `mask`, is `network`: a mask need not be a prefix. */
function masksTo(some: Range, network: number, mask: number): Ternary {
  if (some.first !== some.last) return 'maybe'
  return known(((some.first ^ network) & mask) === 0)
}

/** Reads a network, one address too, or a mask of any shape, and tells whether an address of a packet is in it. */
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

/** Reads four numbers with dots between them. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let address = 0
  for (const part of parts) {
    const octet = Number(part)
    if (part === '' || !Number.isInteger(octet) || octet < 0 || octet > 255) return undefined
    address = address * 256 + octet
  }
  return address
}

/** Writes an address as four numbers with dots between them. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}

function lengthOfMask(text: string): number | undefined {
  const mask = parseAddress(text)
  if (mask === undefined) return undefined
  const length = Math.clz32(~mask)
  return mask === 2 ** 32 - 2 ** (32 - length) ? length : undefined
}
