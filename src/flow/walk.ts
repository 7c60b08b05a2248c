import type { Ruleset } from '../iptables/ruleset.ts'
import type { MatchedRule } from './matched-rule.ts'
import { eitherPacket, type Packet } from './packet.ts'
import { type PossibleVerdict, sameVerdict, type Verdict } from './verdict.ts'
import { walkChain } from './walking/walk-chain.ts'
import type { World } from './world.ts'

/*
 * Follows one packet through a chain. Goals, and how each is met:
 *  1. Never a wrong certainty. A rule that may match is both obeyed and passed over. If it may end the walk, its verdict is
 *     one of the possible ones, and the walk goes on. If it marks, only the bits stay known that are the same either way.
 *     If it jumps, the packet that comes back and the packet that did not go are joined into one.
 *  2. Never a needless doubt. A rule that surely matches is only obeyed. Marks are known bit by bit. A verdict is certain
 *     if all possible verdicts agree, even from different rules.
 *  3. As the kernel does it (net/ipv4/netfilter/ip_tables.c, ipt_do_table). RETURN and the end of a chain lead back to the
 *     last jump; a goto does not count as one; at the top the policy decides. The differential test compares with a kernel.
 *  4. One pass. Joining keeps one packet, never two, so a chain costs what its rules cost, with or without doubt. Where
 *     chains fan out, a chain that gets an equal packet a second time is not walked again.
 *  5. It ends. A walk has a number of steps (limits.ts). What it cannot follow (rules beyond them, a chain inside itself)
 *     gives an unknown verdict with the reason, and leaves marks and sets unknown.
 */

/** The result of a walk through one chain. */
export interface WalkResult {
  /** Every possible verdict, in the order of the rules; at least one. */
  readonly verdicts: readonly PossibleVerdict[]
  /** The verdict, if all possible ones agree. */
  readonly certain: Verdict | undefined
  /** The rules that matched, or may have, in the order in which the packet came to them. */
  readonly matched: readonly MatchedRule[]
  /** The packet with those marks that are the same after every possible verdict. */
  readonly packet: Packet
  /** False if the walk took too many steps: then one verdict is unknown, and further rules may match. */
  readonly complete: boolean
}

/** Follows a packet through a chain of a table. A built-in chain that is not loaded accepts. */
export function walk(
  ruleset: Ruleset,
  table: string,
  chain: string,
  packet: Packet,
  world: World,
): WalkResult {
  const { verdicts, matched, complete } = walkChain(ruleset, table, chain, { packet, world })
  const [first, ...rest] = verdicts
  const agreed = rest.every(({ verdict }) => first && sameVerdict(verdict, first.verdict))
  return {
    verdicts,
    certain: agreed && first?.verdict.kind !== 'unknown' ? first?.verdict : undefined,
    matched,
    complete,
    packet: rest.reduce((joined, one) => eitherPacket(joined, one.packet), first?.packet ?? packet),
  }
}
