import { firstIndex } from '../ip/first-index.ts'
import { type Ruleset, rulesOf } from '../iptables/ruleset.ts'
import type { Packet } from './packet.ts'
import type { Ternary } from './ternary.ts'
import type { PossibleVerdict } from './verdict.ts'
import { walkChain } from './walking/walk-chain.ts'
import type { World } from './world.ts'

/**
 * Positions `first` to `last` of a chain, at which a rule would see the same packet. A position is the number that
 * `iptables -I` takes: before the rule of that number, or at the end.
 */
export interface PositionRange {
  readonly first: number
  readonly last: number
  /** Whether the packet comes here. */
  readonly reached: Ternary
  /** The verdicts that it may have got before; none if `reached` is `yes`. Made on call: there may be thousands. */
  before(): readonly PossibleVerdict[]
  /** The first of these verdicts that accepts it, or may. */
  readonly letThrough: PossibleVerdict | undefined
  /** Whether all of these verdicts accept it, or may. */
  readonly allLetThrough: boolean
  /** The packet with its marks here; if it never comes here, as it entered the chain. */
  readonly packet: Packet
  /** The world without the sets that rules before may have changed. */
  readonly world: World
}

/** All positions of a chain as ranges, ascending and without a gap. A chain that is not loaded has one position. */
export function positionRanges(
  ruleset: Ruleset,
  table: string,
  chain: string,
  packet: Packet,
  world: World,
): readonly PositionRange[] {
  const end = rulesOf(ruleset, table, chain).length + 1
  const found: PositionRange[] = []
  let open: { last: number } | undefined
  const passing = { seen: 0, first: undefined as PossibleVerdict | undefined, all: true }
  walkChain(ruleset, table, chain, { packet, world }, (rules, state, verdicts) => {
    for (; passing.seen < verdicts.length; passing.seen++) {
      const verdict = verdicts[passing.seen]
      const passes = verdict?.verdict.kind === 'accept' || verdict?.verdict.kind === 'unknown'
      if (passes) passing.first ??= verdict
      else passing.all = false
    }
    const count = verdicts.length
    if (open) open.last = rules
    const range = {
      first: rules + 1,
      last: end,
      reached: state ? (count === 0 ? 'yes' : 'maybe') : 'no',
      before: () => verdicts.slice(0, count),
      letThrough: passing.first,
      allLetThrough: passing.all,
      packet: state?.packet ?? packet,
      world: state?.world ?? world,
    } satisfies PositionRange
    open = range
    found.push(range)
  })
  return found
}

/** The range that has a position; undefined behind the end of the chain. */
export function rangeAt(
  ranges: readonly PositionRange[],
  position: number,
): PositionRange | undefined {
  return ranges[firstIndex(ranges.length, (at) => (ranges[at]?.last ?? 0) >= position)]
}
