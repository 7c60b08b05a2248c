import { masksTo, parseAddress, parseRange, rangeOf, within } from '../addresses.ts'
import { or } from '../ternary.ts'
import { type Predicate, unknowable } from './predicate.ts'

/** Reads the address of `-s` or `-d`: one, a network, a mask of any shape, or a list of them. */
export function readAddress(side: 'source' | 'destination', cidr: string): Predicate {
  const parts = cidr.split(',').map((part) => readOne(side, part))
  const [only] = parts
  if (only && parts.length === 1) return only
  return (packet, world) => or(...parts.map((part) => part(packet, world)))
}

function readOne(side: 'source' | 'destination', text: string): Predicate {
  const range = parseRange(text)
  const [network, mask] = text.split('/').map(parseAddress)
  return (packet) => {
    const some = rangeOf(packet[side])
    if (!some) return 'maybe'
    if (range) return within(some, range)
    return network === undefined || mask === undefined ? 'maybe' : masksTo(some, network, mask)
  }
}

/** Reads the options of `-m iprange`. */
export function readRange(name: string, text: string): Predicate {
  const range = parseRange(text)
  const side = name === 'src-range' ? 'source' : name === 'dst-range' ? 'destination' : undefined
  if (!range || !side) return unknowable
  return (packet) => {
    const some = rangeOf(packet[side])
    return some ? within(some, range) : 'maybe'
  }
}
