import type { Ruleset } from '../iptables/ruleset.ts'
import { type Outcome, type State, travel } from './journey.ts'
import type { Packet } from './packet.ts'
import type { Ternary } from './ternary.ts'
import type { World } from './world.ts'

/** A place in a chain where a rule could be inserted: before rule `number`, or at the end. */
export interface Position {
  /** What `iptables -I` would take, from 1 to the number of rules and one. */
  readonly number: number
  /** Whether the packet comes here at all. */
  readonly reached: Ternary
  /** The verdicts that it may have got before; for `yes`, none. */
  readonly before: readonly Outcome[]
  /** The packet with what is known of its marks here; as it entered the chain where it never comes. */
  readonly packet: Packet
  /** The world as it is here: without the sets that rules before may have changed. */
  readonly world: World
}

/** Every position of a chain as one packet sees it, in one walk. A chain that is not there has one. */
export function positions(
  ruleset: Ruleset,
  table: string,
  chain: string,
  packet: Packet,
  world: World,
): readonly Position[] {
  const found: Position[] = []
  const observe = (state: State | undefined, given: readonly Outcome[]): void => {
    const count = given.length
    found.push({
      number: found.length + 1,
      reached: state ? (count === 0 ? 'yes' : 'maybe') : 'no',
      // Copied only when asked for: a long chain has many positions and few questions.
      get before() {
        return given.slice(0, count)
      },
      packet: state?.packet ?? packet,
      world: state?.world ?? world,
    })
  }
  travel(ruleset, table, chain, { packet, world }, observe)
  return found
}
