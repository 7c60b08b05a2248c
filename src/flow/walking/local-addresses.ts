import { firstIndex } from '../../ip/first-index.ts'
import { parseRange, type Range } from '../../ip/ipv4-ranges.ts'
import { or, type Ternary } from '../ternary.ts'
import type { World } from '../world.ts'
import { within } from './packet-address.ts'

/** Whether an address is one of the host's own, loopback included. */
export function isLocal(some: Range, { localAddresses }: World): Ternary {
  return isAmong(some, rowsOf(localAddresses, '127.0.0.0/8'))
}

/** Whether an address is a broadcast of a network of the host; `maybe` if its broadcast addresses are not known. */
export function isBroadcast(some: Range, { broadcastAddresses }: World): Ternary {
  const always = or(within(some, thisNetwork), within(some, everybody))
  return or(always, broadcastAddresses ? isAmong(some, rowsOf(broadcastAddresses)) : 'maybe')
}

/** Whether an address is one of a multicast group. */
export function isMulticast(some: Range): Ternary {
  return within(some, groups)
}

const thisNetwork: Range = { first: 0, last: 2 ** 24 - 1 }
const everybody: Range = { first: 2 ** 32 - 1, last: 2 ** 32 - 1 }
const groups: Range = { first: 224 * 2 ** 24, last: 240 * 2 ** 24 - 1 }

/** Addresses as ascending ranges that do not touch. `unread`: one of the texts was no address that we understand. */
interface Rows {
  readonly ranges: readonly Range[]
  readonly unread: boolean
}

function isAmong(some: Range, { ranges, unread }: Rows): Ternary {
  const next = ranges[firstIndex(ranges.length, (at) => (ranges[at]?.last ?? 0) >= some.first)]
  const found = next ? within(some, next) : 'no'
  return found === 'no' && unread ? 'maybe' : found
}

/** Read once for each host: with IPVS, a host has the addresses of thousands of services. */
const known = new WeakMap<readonly string[], Rows>()

function rowsOf(addresses: readonly string[], ...more: readonly string[]): Rows {
  let rows = known.get(addresses)
  if (!rows) {
    rows = readRows([...more, ...addresses])
    known.set(addresses, rows)
  }
  return rows
}

function readRows(addresses: readonly string[]): Rows {
  const read = addresses.map(parseRange)
  const ranges: Range[] = []
  for (const range of read.filter((one) => one !== undefined).sort((a, b) => a.first - b.first)) {
    const last = ranges.at(-1)
    if (!last || range.first > last.last + 1) ranges.push(range)
    else ranges[ranges.length - 1] = { ...last, last: Math.max(last.last, range.last) }
  }
  return { ranges, unread: read.includes(undefined) }
}
