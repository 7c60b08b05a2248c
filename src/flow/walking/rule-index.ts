import { parseRange } from '../../ip/ipv4-ranges.ts'
import type { Match, Rule } from '../../iptables/rule.ts'
import type { Packet } from '../packet.ts'
import { rangeOf } from './packet-address.ts'

/**
 * The indexes of the rules that a packet may match, ascending. A rule that asks for another address, interface or port than
 * the packet's is left out. Every rule that is left out surely does not match. Thousands of rules for networks cost a packet
 * one look for each length of prefix.
 */
export function candidateRules(rules: readonly Rule[], packet: Packet): readonly number[] {
  let index = indexes.get(rules)
  if (!index) {
    index = rules.length < long ? { others: rules.map((_, i) => i), sides: [] } : indexOf(rules)
    indexes.set(rules, index)
  }
  if (index.sides.length === 0) return index.others
  const found = [...index.others]
  for (const { of, every, bySize } of index.sides) {
    const value = of(packet)
    if (value === undefined) {
      for (const i of every) found.push(i)
      continue
    }
    for (const [size, exact] of bySize) {
      const start = typeof value === 'number' ? value - (value % size) : value
      for (const i of exact.get(start) ?? []) found.push(i)
    }
  }
  return found.sort((a, b) => a - b)
}

/** In a shorter chain, asking each rule is as fast. */
const long = 20

/**
 * Rules that ask for one value each, or one network, by its size and its first address. A single value has size 1. `every`: all
 * of them, for a packet of which the value is not known.
 */
interface Side {
  readonly of: (packet: Packet) => string | number | undefined
  readonly every: readonly number[]
  readonly bySize: ReadonlyMap<number, ReadonlyMap<string | number, readonly number[]>>
}

interface Index {
  readonly others: readonly number[]
  readonly sides: readonly Side[]
}

const indexes = new WeakMap<readonly Rule[], Index>()

/** Each rule is listed by the first value that it asks for. */
function indexOf(rules: readonly Rule[]): Index {
  const others: number[] = []
  const sides = kinds.map(({ of }) => ({
    of,
    every: [] as number[],
    bySize: new Map<number, Map<string | number, number[]>>(),
  }))
  for (const [i, { matches }] of rules.entries()) {
    const wanted = kinds.map(({ asked }) => matches.map(asked).find((one) => one !== undefined))
    const kind = wanted.findIndex((one) => one !== undefined)
    const [side, asked] = [sides[kind], wanted[kind]]
    if (!side || asked === undefined) {
      others.push(i)
      continue
    }
    side.every.push(i)
    const { size, value } = asked
    const exact = side.bySize.get(size) ?? new Map<string | number, number[]>()
    side.bySize.set(size, exact)
    const alike = exact.get(value)
    if (alike) alike.push(i)
    else exact.set(value, [i])
  }
  return { others, sides: sides.filter(({ every }) => every.length > 0) }
}

/** A network by the number of its addresses and the first of them, or a single value of size 1. */
interface Asked {
  readonly size: number
  readonly value: string | number
}

interface Kind {
  /** What a match asks for; undefined if it asks for something else, or for what has no one size. */
  readonly asked: (match: Match) => Asked | undefined
  /** The value that a packet has; undefined if it is not known. */
  readonly of: Side['of']
}

const kinds: readonly Kind[] = [
  ...(['destination', 'source'] as const).map(
    (side): Kind => ({
      asked: (match) =>
        match.kind === side && !match.negated ? network(parseRange(match.cidr)) : undefined,
      of: (packet) => single(rangeOf(packet[side])),
    }),
  ),
  ...(['out', 'in'] as const).map(
    (side): Kind => ({
      asked: (match) =>
        match.kind === side && !match.negated ? one(named(match.interface)) : undefined,
      of: (packet) => named(packet[side]),
    }),
  ),
  { asked: (match) => one(onePort(match)), of: ({ destinationPort }) => destinationPort },
]

function single(range: ReturnType<typeof parseRange>): number | undefined {
  return range?.first === range?.last ? range?.first : undefined
}

/** A range as a network; undefined for all addresses, or for a range that no prefix makes. */
function network(range: ReturnType<typeof parseRange>): Asked | undefined {
  if (!range) return undefined
  const size = range.last - range.first + 1
  const isPrefix = Number.isInteger(Math.log2(size)) && range.first % size === 0
  return isPrefix && size < 2 ** 32 ? { size, value: range.first } : undefined
}

function one(value: string | number | undefined): Asked | undefined {
  return value === undefined ? undefined : { size: 1, value }
}

function named(name: string | undefined): string | undefined {
  return name?.endsWith('+') ? undefined : name
}

function onePort(match: Match): number | undefined {
  if (match.kind !== 'module' || !/^(tcp|udp|multiport)$/.test(match.module)) return undefined
  const asked = match.options.find(({ name }) => /^dports?$/.test(name))
  const [text = ''] = asked?.values ?? []
  return asked && !asked.negated && /^\d+$/.test(text) ? Number(text) : undefined
}
