import { type Ruleset, rulesOf } from '../iptables/ruleset.ts'
import type { Ternary } from '../ternary.ts'
import type { Packet } from './packet.ts'
import type { PossibleVerdict } from './verdict.ts'
import { walkChain } from './walking/walk-chain.ts'
import type { World } from './world.ts'

/** What a rule would see of one packet if it stood at a position of a chain. */
interface SeenAtPosition {
  /** Whether the packet comes here. */
  readonly reached: Ternary
  /** The verdicts that it may have got before; none if `reached` is `yes`. */
  readonly before: readonly PossibleVerdict[]
  /** The packet with its marks here; as it entered the chain, if it never comes here. */
  readonly packet: Packet
  /** The world without the sets that rules before may have changed. */
  readonly world: World
}

/** A position in a chain: before rule `number`, or at the end; what `iptables -I` would take. */
export interface Position extends SeenAtPosition {
  readonly number: number
}

/** Positions `first` to `last`, where a rule would see the very same. Most rules of a long chain change nothing. */
export interface PositionRange extends SeenAtPosition {
  readonly first: number
  readonly last: number
}

/** Every position of a chain as one packet sees it. A chain that is not loaded has one. */
export function positions(...asked: Parameters<typeof positionRanges>): readonly Position[] {
  return positionRanges(...asked).flatMap(({ first, last, ...seen }) =>
    Array.from({ length: last - first + 1 }, (_, i) => ({ number: first + i, ...seen })),
  )
}

/** Every position of a chain as one packet sees it, by ranges: ascending, without a gap. */
export function positionRanges(
  ruleset: Ruleset,
  table: string,
  chain: string,
  packet: Packet,
  world: World,
): readonly PositionRange[] {
  const found: (SeenAtPosition & { readonly first: number })[] = []
  walkChain(ruleset, table, chain, { packet, world }, (rules, state, verdicts) => {
    found.push({
      first: rules + 1,
      reached: state ? (verdicts.length === 0 ? 'yes' : 'maybe') : 'no',
      before: [...verdicts],
      packet: state?.packet ?? packet,
      world: state?.world ?? world,
    })
  })
  const end = rulesOf(ruleset, table, chain).length + 1
  return found.map((one, i) => ({ ...one, last: (found[i + 1]?.first ?? end + 1) - 1 }))
}
