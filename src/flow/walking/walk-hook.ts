import type { Ruleset } from '../../iptables/ruleset.ts'
import { effectOf } from '../effect.ts'
import type { MatchedRule } from '../matched-rule.ts'
import type { Packet } from '../packet.ts'
import { verdictOf } from '../targets/verdict-targets.ts'
import type { PossibleVerdict, Verdict } from '../verdict.ts'
import type { World } from '../world.ts'
import { afterHook, type Hook, seenAt } from './hook-view.ts'
import { mayUntrack } from './may-untrack.ts'
import { type ChainWalk, walkChain } from './walk-chain.ts'

/** A packet between two built-in chains, and the chains that it came through. */
export interface Branch {
  readonly packet: Packet
  readonly world: World
  readonly trail: Trail
}

/** The chains that a packet came through, with their verdicts. `decided`: the verdict did more than accept. */
export type Trail = readonly { readonly verdict: HookVerdict; readonly decided: boolean }[]

/** One possible verdict of a built-in chain. */
export interface HookVerdict {
  readonly verdict: Verdict
  readonly at: Hook
  /** Whether the last rule of the path gave the verdict, or the policy of the chain. */
  readonly by: 'rule' | 'policy'
  /** The rules of this chain that led to the verdict. */
  readonly path: readonly MatchedRule[]
  /** The walk through this chain, and how many rules had matched when it gave this verdict. */
  readonly walk: ChainWalk
  readonly matched: number
  /** The packet as it came to this chain. */
  readonly before: Branch
  /** The packet as it goes on if this chain accepts it. */
  readonly packet: Packet
}

/** Follows a packet through a built-in chain. The result has every possible verdict, at least one. */
export function walkHook(ruleset: Ruleset, at: Hook, before: Branch): readonly HookVerdict[] {
  const seen = seenAt(at, before.packet)
  const walk = walkChain(ruleset, at.table, at.chain, { packet: seen, world: before.world })
  const untracked = at.table === 'raw' ? mayUntrack(walk) : () => false
  return walk.verdicts.map((possible): HookVerdict => {
    const { verdict, path, packet, matched } = possible
    const unchanged = packet === seen
    const after = unchanged
      ? before.packet
      : afterHook(at, before.packet, packet, untracked(matched))
    return { verdict, at, by: byOf(possible), path, walk, matched, before, packet: after }
  })
}

/** The packet behind a chain that gave a verdict on it. */
export function branchBehind(verdict: HookVerdict, decided: boolean): Branch {
  const { before, packet } = verdict
  return { packet, world: worldBehind(verdict), trail: [...before.trail, { verdict, decided }] }
}

/** If the last rule only left the chain, the policy gave the verdict. */
function byOf({ verdict, path }: PossibleVerdict): HookVerdict['by'] {
  const last = path.at(-1)
  if (verdict.kind === 'unknown') return last ? 'rule' : 'policy'
  return last?.rule.target && verdictOf(last.rule.target) ? 'rule' : 'policy'
}

/** The world without the sets that a rule may have changed. */
function worldBehind({ walk, before: { packet, world } }: HookVerdict): World {
  if (!walk.complete) return { ...world, sets: new Map() }
  return walk.matched
    .filter(({ rule }) => rule.target?.name === 'SET')
    .reduce((now, { rule }) => {
      const effect = effectOf(rule, packet, now)
      return effect.kind === 'continue' ? effect.world : now
    }, world)
}
