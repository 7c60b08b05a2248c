import { type Ruleset, rulesOf } from '../iptables/ruleset.ts'
import type { Ternary } from '../ternary.ts'
import { type Outcome, travel } from './journey.ts'
import type { Packet } from './packet.ts'
import type { World } from './world.ts'

/** What one packet is at a place in a chain where a rule could be inserted. */
interface Seen {
  /** Whether the packet comes here at all. */
  readonly reached: Ternary
  /** The verdicts that it may have got before; for `yes`, none. */
  readonly before: readonly Outcome[]
  /** The packet with what is known of its marks here; as it entered the chain where it never comes. */
  readonly packet: Packet
  /** The world as it is here: without the sets that rules before may have changed. */
  readonly world: World
}

/** A place in a chain: before rule `number`, or at the end; what `iptables -I` would take. */
export interface Position extends Seen {
  readonly number: number
}

/** Places next to each other where the packet is the very same: long chains have many, most of which it never notices. */
export interface Stretch extends Seen {
  readonly first: number
  readonly last: number
}

/** Every position of a chain as one packet sees it, in one walk. A chain that is not there has one. */
export function positions(...asked: Parameters<typeof stretches>): readonly Position[] {
  return stretches(...asked).flatMap(({ first, last, ...seen }) =>
    Array.from({ length: last - first + 1 }, (_, i) => ({ number: first + i, ...seen })),
  )
}

/** The same by stretches, ascending, with no place between them. */
export function stretches(
  ruleset: Ruleset,
  table: string,
  chain: string,
  packet: Packet,
  world: World,
): readonly Stretch[] {
  const found: (Seen & { readonly first: number })[] = []
  travel(ruleset, table, chain, { packet, world }, (rules, state, given) => {
    found.push({
      first: rules + 1,
      reached: state ? (given.length === 0 ? 'yes' : 'maybe') : 'no',
      before: [...given],
      packet: state?.packet ?? packet,
      world: state?.world ?? world,
    })
  })
  const end = rulesOf(ruleset, table, chain).length + 1
  return found.map((one, i) => ({ ...one, last: (found[i + 1]?.first ?? end + 1) - 1 }))
}
