import type { Ruleset } from '../iptables/ruleset.ts'
import { type Met, type Outcome, travel } from './journey.ts'
import { eitherPacket, type Packet } from './packet.ts'
import { sameVerdict, type Verdict } from './verdict.ts'
import type { World } from './world.ts'

/*
 * A packet on its way through a chain. Goals, and how each is met:
 *  1. Never a wrong certainty: a rule that matches perhaps is both obeyed and passed over. Where it may end the walk, its
 *     verdict is one of the possible ones and the walk goes on; where it marks, only bits that are alike either way stay
 *     known; where it jumps, the packets that come back and the one that did not go are joined into one.
 *  2. Never a needless doubt: a rule that surely matches is only obeyed, marks are known bit by bit, and a verdict is
 *     certain as soon as all possible ones agree, whichever rules give them.
 *  3. As the kernel does it: RETURN and the end of a chain go back to the last jump, and a goto does not count as one; at
 *     the top there is the policy (net/ipv4/netfilter/ip_tables.c, ipt_do_table). The lab's differential test holds us to it.
 *  4. One pass: joining keeps one packet, never two, so a chain costs what its rules cost, in doubt or not.
 *  5. It ends: a chain inside itself, which no kernel would load, and a walk that takes too long are targets that may do
 *     anything.
 */

/** What may become of a packet. */
export interface Answer {
  /** In the order of the rules. There is always one. */
  readonly outcomes: readonly Outcome[]
  /** The verdict, if all outcomes agree on it. */
  readonly certain: Verdict | undefined
  /** The rules that matched, or perhaps did, in the order they were met. */
  readonly met: readonly Met[]
  /** The packet with what is known of its marks at the end, whatever the outcome. */
  readonly packet: Packet
}

/** Walks a packet through a chain of a table. A built-in chain that is not there accepts, as a table never loaded does. */
export function walk(
  ruleset: Ruleset,
  table: string,
  chain: string,
  packet: Packet,
  world: World,
): Answer {
  const { outcomes, met } = travel(ruleset, table, chain, { packet, world })
  const [first, ...rest] = outcomes
  const agreed = rest.every(({ verdict }) => first && sameVerdict(verdict, first.verdict))
  return {
    outcomes,
    certain: agreed && first?.verdict.kind !== 'unknown' ? first?.verdict : undefined,
    met,
    packet: rest.reduce((joined, one) => eitherPacket(joined, one.packet), first?.packet ?? packet),
  }
}
