import type { Rule } from '../iptables/rule.ts'
import type { Ruleset } from '../iptables/ruleset.ts'
import { effectOf } from './effect.ts'
import { type Met, type Outcome, type Step, travel } from './journey.ts'
import { eitherPacket, type Packet } from './packet.ts'
import { type Verdict, verdictOf } from './verdict.ts'
import { afterHook, type Hook, seenAt } from './walking/hook-view.ts'
import type { World } from './world.ts'

/** A rule on the way. `match` says whether it surely matches. */
export interface Stop extends Step {
  readonly table: string
  readonly match: 'yes' | 'maybe'
}

/** A packet between two chains, and what brought it there. */
export interface Branch {
  readonly packet: Packet
  readonly world: World
  /** The rules that translated it and, once it has a verdict, those that gave it. */
  readonly path: readonly Stop[]
  /** The rules that changed its mark. */
  readonly marking: readonly Stop[]
  /** Rules that matched perhaps and are not in the path: had one of them decided, all might have come otherwise. */
  readonly doubts: readonly Stop[]
}

/** One of the ways out of a chain. */
export interface Visit {
  readonly verdict: Verdict
  readonly at: Hook
  /** Whether the last rule of the path gave the verdict, or the policy of the chain. */
  readonly by: 'rule' | 'policy'
  /** The packet with the rules of this chain in its path. */
  readonly stopped: Branch
  /** The packet as it goes on, if the chain only let it pass. */
  readonly passing: Branch
}

/** Walks a packet through a built-in chain; never nothing. */
export function visit(ruleset: Ruleset, at: Hook, branch: Branch): readonly Visit[] {
  const start = { ...branch, packet: seenAt(at, branch.packet) }
  const { outcomes, met } = travel(ruleset, at.table, at.chain, start)
  const world = worldAfter(met, start)
  const order = new Map(met.map(({ step }, index) => [step, index]))
  const perhaps = new Set(met.flatMap(({ step, match }) => (match === 'maybe' ? [step.rule] : [])))
  const allDoubts = doubtsOf(met, start, at)
  const allMarking = markingOf(met, start.packet, at)
  return outcomes.map((outcome) => {
    const last = outcome.path.at(-1)
    const end = (last && order.get(last)) ?? met.length - 1
    const until = <T extends { readonly index: number }>(stops: readonly T[]): readonly T[] =>
      stops.slice(0, stops.findLastIndex(({ index }) => index <= end) + 1)
    const rules = new Set(outcome.path.map(({ rule }) => rule))
    const deciding = outcome.path.map(
      (step): Stop => ({
        ...step,
        table: at.table,
        match: perhaps.has(step.rule) ? 'maybe' : 'yes',
      }),
    )
    const doubts = until(allDoubts).flatMap(({ stop }) => (rules.has(stop.rule) ? [] : [stop]))
    const passing: Branch = {
      packet: afterHook(at, branch.packet, outcome.packet, matchedOf(met.slice(0, end + 1))),
      world,
      path: branch.path,
      marking: [...branch.marking, ...until(allMarking).map(({ stop }) => stop)],
      doubts: [...branch.doubts, ...doubts],
    }
    const stopped = { ...passing, path: [...branch.path, ...deciding] }
    return { verdict: outcome.verdict, at, by: byOf(outcome), stopped, passing }
  })
}

/** A stop, and the how-manieth of the rules met it is. */
interface Indexed {
  readonly index: number
  readonly stop: Stop
}

/** A rule that only left the chain gave no verdict: that was the policy. */
function byOf({ verdict, path }: Outcome): Visit['by'] {
  const target = path.at(-1)?.rule.target
  return target && (verdict.kind === 'unknown' || verdictOf(target)) ? 'rule' : 'policy'
}

/** The rules that made another mark of the one that they found. */
function markingOf(met: readonly Met[], packet: Packet, { table }: Hook): readonly Indexed[] {
  let now = packet
  return met.flatMap(({ step, match }, index) => {
    if (!/MARK$/.test(step.rule.target?.name ?? '')) return []
    const effect = effectOf(step.rule, now, { sets: new Map(), localAddresses: [] })
    if (effect.kind !== 'continue') return []
    const before = now.mark
    now = match === 'yes' ? effect.packet : eitherPacket(now, effect.packet)
    const changed = before.value !== now.mark.value || before.known !== now.mark.known
    return changed ? [{ index, stop: { ...step, table, match } }] : []
  })
}

/** The rules that matched perhaps and would have done something about the packet. */
function doubtsOf(
  met: readonly Met[],
  { packet, world }: Branch,
  { table }: Hook,
): readonly Indexed[] {
  return met.flatMap(({ step, match }, index) => {
    if (match === 'yes') return []
    const effect = effectOf(step.rule, packet, world)
    const idle = effect.kind === 'continue' && effect.packet === packet && effect.world === world
    return idle ? [] : [{ index, stop: { ...step, table, match } }]
  })
}

/** The world without the sets that a rule may have changed. */
function worldAfter(met: readonly Met[], { packet, world }: Branch): World {
  return met
    .filter(({ step }) => step.rule.target?.name === 'SET')
    .reduce((now, { step }) => {
      const effect = effectOf(step.rule, packet, now)
      return effect.kind === 'continue' ? effect.world : now
    }, world)
}

function matchedOf(met: readonly Met[]): readonly { rule: Rule; match: Met['match'] }[] {
  return met.map(({ step: { rule }, match }) => ({ rule, match }))
}
