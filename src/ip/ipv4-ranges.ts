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

function parseLength(text: string): number | undefined {
  if (/^(\d|[12]\d|3[0-2])$/.test(text)) return Number(text)
  const mask = parseAddress(text)
  if (mask === undefined) return undefined
  const length = Math.clz32(~mask)
  return mask === 2 ** 32 - 2 ** (32 - length) ? length : undefined
}
