import { effectOf } from '../effect.ts'
import type { MatchedRule, RuleOnPath } from '../matched-rule.ts'
import { eitherPacket } from '../packet.ts'
import { seenAt } from './hook-view.ts'
import type { HookVerdict, Trail } from './walk-hook.ts'

/** The rules that decided on a packet or changed it, on its way through several chains. */
export interface MetRules {
  /** The rules that translated it, then those that led to its verdict. */
  readonly path: readonly RuleOnPath[]
  /** The rules that changed its mark. */
  readonly marking: readonly RuleOnPath[]
  /** Rules outside the path that may have matched: had one of them decided, the verdict could be another. */
  readonly doubts: readonly RuleOnPath[]
}

/** The rules that a packet met in the chains of its trail. */
export function rulesMet(trail: Trail): MetRules {
  const on = (verdict: HookVerdict, rules: readonly MatchedRule[]): readonly RuleOnPath[] =>
    rules.map((rule) => ({ ...rule, table: verdict.at.table }))
  return {
    path: trail.flatMap(({ verdict, decided }) => (decided ? on(verdict, verdict.path) : [])),
    marking: trail.flatMap(({ verdict }) => on(verdict, marking(verdict))),
    doubts: trail.flatMap(({ verdict }) => on(verdict, doubts(verdict))),
  }
}

/** The rules that changed the mark that they found. */
function marking({ at, walk, matched, before }: HookVerdict): readonly MatchedRule[] {
  let now = seenAt(at, before.packet)
  return walk.matched.slice(0, matched).filter(({ rule, match }) => {
    if (!/MARK$/.test(rule.target?.name ?? '')) return false
    const effect = effectOf(rule, now, { sets: new Map(), localAddresses: [] })
    if (effect.kind !== 'continue') return false
    const was = now.mark
    now = match === 'yes' ? effect.packet : eitherPacket(now, effect.packet)
    return was.value !== now.mark.value || was.known !== now.mark.known
  })
}

/** The rules outside the path that may have matched, and would have done something to the packet. */
function doubts({ at, path, walk, matched, before }: HookVerdict): readonly MatchedRule[] {
  const packet = seenAt(at, before.packet)
  const onPath = new Set(path.map(({ rule }) => rule))
  return walk.matched.slice(0, matched).filter(({ rule, match }) => {
    if (match === 'yes' || onPath.has(rule)) return false
    const effect = effectOf(rule, packet, before.world)
    return effect.kind !== 'continue' || effect.packet !== packet || effect.world !== before.world
  })
}
