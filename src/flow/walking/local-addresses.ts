import { parseRange, type Range, within } from '../../ip/ranges.ts'
import { or, type Ternary } from '../../ternary.ts'
import type { World } from '../world.ts'

/** Whether an address is one of the host's own, loopback included. */
export function isLocal(some: Range, { localAddresses }: World): Ternary {
  let own = known.get(localAddresses)
  if (!own) {
    own = readOwn(localAddresses)
    known.set(localAddresses, own)
  }
  const { ranges, unread } = own
  let [low, high] = [0, ranges.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ranges[middle]?.last ?? 0) < some.first) low = middle + 1
    else high = middle
  }
  const next = ranges[low]
  const found = next ? within(some, next) : 'no'
  return found === 'no' && unread ? 'maybe' : found
}

/** Whether an address is that of everybody in a network of the host. Without its broadcast addresses nobody can tell. */
export function isBroadcast(some: Range, { broadcastAddresses }: World): Ternary {
  const always = isIn(some, ['0.0.0.0/8', '255.255.255.255'])
  return or(always, broadcastAddresses ? isIn(some, broadcastAddresses) : 'maybe')
}

/** Whether an address is in one of the networks. */
export function isIn(some: Range, networks: readonly string[]): Ternary {
  const ranges = networks.map(parseRange)
  return or(...ranges.map((range) => (range ? within(some, range) : 'maybe')))
}

/** Addresses in ascending rows that do not touch; `unread` if some were none that we understand. */
interface Own {
  readonly ranges: readonly Range[]
  readonly unread: boolean
}

/** Read once for each host: with IPVS the addresses of thousands of services are its own. */
const known = new WeakMap<readonly string[], Own>()

function readOwn(addresses: readonly string[]): Own {
  const read = ['127.0.0.0/8', ...addresses].map(parseRange)
  const ranges: Range[] = []
  for (const range of read.filter((one) => one !== undefined).sort((a, b) => a.first - b.first)) {
    const last = ranges.at(-1)
    if (!last || range.first > last.last + 1) ranges.push(range)
    else ranges[ranges.length - 1] = { ...last, last: Math.max(last.last, range.last) }
  }
  return { ranges, unread: read.includes(undefined) }
}
