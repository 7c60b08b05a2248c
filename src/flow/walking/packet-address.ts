import { parseAddress } from '../../ip/ipv4.ts'
import { parseRange, type Range } from '../../ip/ipv4-ranges.ts'
import { known, type Ternary } from '../ternary.ts'

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
