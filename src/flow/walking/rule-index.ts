import { parseRange, rangeOf } from '../../ip/ranges.ts'
import type { Match, Rule } from '../../iptables/rule.ts'
import type { Packet } from '../packet.ts'

/**
 * The indexes of the rules that a packet may match, ascending. A rule that asks for another address, interface or port than
 * the packet's is left out. Every rule that is left out surely does not match.
 */
export function candidateRules(rules: readonly Rule[], packet: Packet): readonly number[] {
  let index = indexes.get(rules)
  if (!index) {
    index = rules.length < long ? { others: rules.map((_, i) => i), sides: [] } : indexOf(rules)
    indexes.set(rules, index)
  }
  if (index.sides.length === 0) return index.others
  const found = [...index.others]
  for (const { of, every, exact } of index.sides) {
    const value = of(packet)
    for (const i of value === undefined ? every : (exact.get(value) ?? [])) found.push(i)
  }
  return found.sort((a, b) => a - b)
}

/** In a shorter chain, asking each rule is as fast. */
const long = 20

/** Rules that ask for one value each, by that value. `every`: all of them, for a packet of which the value is not known. */
interface Side {
  readonly of: (packet: Packet) => string | number | undefined
  readonly every: readonly number[]
  readonly exact: ReadonlyMap<string | number, readonly number[]>
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
    exact: new Map<string | number, number[]>(),
  }))
  for (const [i, { matches }] of rules.entries()) {
    const wanted = kinds.map(({ asked }) => matches.map(asked).find((one) => one !== undefined))
    const kind = wanted.findIndex((one) => one !== undefined)
    const [side, value] = [sides[kind], wanted[kind]]
    if (!side || value === undefined) {
      others.push(i)
      continue
    }
    side.every.push(i)
    const alike = side.exact.get(value)
    if (alike) alike.push(i)
    else side.exact.set(value, [i])
  }
  return { others, sides: sides.filter(({ every }) => every.length > 0) }
}

interface Kind {
  /** The value that a match asks for; undefined if it asks for something else or for several. */
  readonly asked: (match: Match) => string | number | undefined
  /** The value that a packet has; undefined if it is not known. */
  readonly of: Side['of']
}

const kinds: readonly Kind[] = [
  ...(['destination', 'source'] as const).map(
    (side): Kind => ({
      asked: (match) =>
        match.kind === side && !match.negated ? single(parseRange(match.cidr)) : undefined,
      of: (packet) => single(rangeOf(packet[side])),
    }),
  ),
  ...(['out', 'in'] as const).map(
    (side): Kind => ({
      asked: (match) =>
        match.kind === side && !match.negated ? named(match.interface) : undefined,
      of: (packet) => named(packet[side]),
    }),
  ),
  { asked: onePort, of: ({ destinationPort }) => destinationPort },
]

function single(range: ReturnType<typeof parseRange>): number | undefined {
  return range?.first === range?.last ? range?.first : undefined
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
