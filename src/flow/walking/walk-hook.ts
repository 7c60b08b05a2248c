import type { Ruleset } from '../../iptables/ruleset.ts'
import { effectOf } from '../effect.ts'
import type { MatchedRule, RuleOnPath } from '../matched-rule.ts'
import { eitherPacket, type Packet } from '../packet.ts'
import { type PossibleVerdict, type Verdict, verdictOf } from '../verdict.ts'
import type { World } from '../world.ts'
import { afterHook, type Hook, seenAt } from './hook-view.ts'
import { walkChain } from './walk-chain.ts'

/** A packet between two built-in chains, and what brought it there. */
export interface Branch {
  readonly packet: Packet
  readonly world: World
  /** The rules that translated it; behind a verdict, also the rules that led to that. */
  readonly path: readonly RuleOnPath[]
  /** The rules that changed its mark. */
  readonly marking: readonly RuleOnPath[]
  /** Rules outside the path that may have matched: had one of them decided, the verdict could be another. */
  readonly doubts: readonly RuleOnPath[]
}

/** One possible verdict of a built-in chain. */
export interface HookVerdict {
  readonly verdict: Verdict
  readonly at: Hook
  /** Whether the last rule of the path gave the verdict, or the policy of the chain. */
  readonly by: 'rule' | 'policy'
  /** The packet, with the rules of this chain in its path. */
  readonly stopped: Branch
  /** The packet as it goes on, if this chain let it pass. */
  readonly passing: Branch
}

/** Walks a packet through a built-in chain: every possible verdict, at least one. */
export function walkHook(ruleset: Ruleset, at: Hook, branch: Branch): readonly HookVerdict[] {
  const start = { ...branch, packet: seenAt(at, branch.packet) }
  const { verdicts, matched } = walkChain(ruleset, at.table, at.chain, start)
  const world = worldAfter(matched, start)
  const order = new Map(matched.map((rule, index) => [rule, index]))
  const allDoubts = doubtsOf(matched, start, at)
  const allMarking = markingOf(matched, start.packet, at)
  return verdicts.map((possible) => {
    const last = possible.path.at(-1)
    const end = (last && order.get(last)) ?? matched.length - 1
    const until = <T extends { readonly index: number }>(rules: readonly T[]): readonly T[] =>
      rules.slice(0, rules.findLastIndex(({ index }) => index <= end) + 1)
    const onPath = new Set(possible.path.map(({ rule }) => rule))
    const doubts = until(allDoubts).flatMap(({ on }) => (onPath.has(on.rule) ? [] : [on]))
    const passing: Branch = {
      packet: afterHook(at, branch.packet, possible.packet, matched.slice(0, end + 1)),
      world,
      path: branch.path,
      marking: [...branch.marking, ...until(allMarking).map(({ on }) => on)],
      doubts: [...branch.doubts, ...doubts],
    }
    const deciding = possible.path.map((rule): RuleOnPath => ({ ...rule, table: at.table }))
    const stopped = { ...passing, path: [...branch.path, ...deciding] }
    return { verdict: possible.verdict, at, by: byOf(possible), stopped, passing }
  })
}

/** A rule, and its index among the rules that the packet matched. */
interface Indexed {
  readonly index: number
  readonly on: RuleOnPath
}

/** A rule that only left the chain gave no verdict: the policy did. */
function byOf({ verdict, path }: PossibleVerdict): HookVerdict['by'] {
  const target = path.at(-1)?.rule.target
  return target && (verdict.kind === 'unknown' || verdictOf(target)) ? 'rule' : 'policy'
}

/** The rules that changed the mark that they found. */
function markingOf(
  matched: readonly MatchedRule[],
  packet: Packet,
  { table }: Hook,
): readonly Indexed[] {
  let now = packet
  return matched.flatMap((on, index) => {
    if (!/MARK$/.test(on.rule.target?.name ?? '')) return []
    const effect = effectOf(on.rule, now, { sets: new Map(), localAddresses: [] })
    if (effect.kind !== 'continue') return []
    const before = now.mark
    now = on.match === 'yes' ? effect.packet : eitherPacket(now, effect.packet)
    const changed = before.value !== now.mark.value || before.known !== now.mark.known
    return changed ? [{ index, on: { ...on, table } }] : []
  })
}

/** The rules that may have matched, and would have done something to the packet. */
function doubtsOf(
  matched: readonly MatchedRule[],
  { packet, world }: Branch,
  { table }: Hook,
): readonly Indexed[] {
  return matched.flatMap((on, index) => {
    if (on.match === 'yes') return []
    const effect = effectOf(on.rule, packet, world)
    const idle = effect.kind === 'continue' && effect.packet === packet && effect.world === world
    return idle ? [] : [{ index, on: { ...on, table } }]
  })
}

/** The world without the sets that a rule may have changed. */
function worldAfter(matched: readonly MatchedRule[], { packet, world }: Branch): World {
  return matched
    .filter(({ rule }) => rule.target?.name === 'SET')
    .reduce((now, { rule }) => {
      const effect = effectOf(rule, packet, now)
      return effect.kind === 'continue' ? effect.world : now
    }, world)
}
