import type { Rule } from '../../iptables/rule.ts'
import type { Ruleset } from '../../iptables/ruleset.ts'
import { atOnce, type InPieces } from '../../waiting/pieces.ts'
import type { Flow } from '../flows/flow.ts'
import type { HostModel } from '../host/host-model.ts'
import { type Conflicts, conflictsInPieces } from './conflicts.ts'
import { type Future, futuresOf } from './futures.ts'

/** The conflicts at each position of today, by when they come. */
export interface FutureConflicts {
  /** Those of now, and after Felix and kube-router have refreshed their rules. */
  readonly untilRefresh: Conflicts
  /** The same, and after docker has restarted. */
  readonly untilRestart: Conflicts
  /** Only those of events that many hosts never see: they are reported, but refuse no position. */
  readonly rare: Conflicts
  /** Whether a refresh leaves the rules of others on their sides of a position. */
  readonly survivesRefresh: (position: number) => boolean
}

/** Finds the conflicts at every position in FORWARD as it is and as it will be. */
export function* futureConflicts(
  { ruleset, podNetworks }: HostModel,
  flows: readonly Flow[],
  ours: readonly Rule[],
): InPieces<FutureConflicts> {
  const now = yield* conflictsInPieces(ruleset, flows, ours)
  const futures = futuresOf(ruleset, podNetworks)
  const including = function* (known: Conflicts, comes: Future['comes']): InPieces<Conflicts> {
    let all = known
    for (const future of futures) {
      if (future.comes !== comes) continue
      const more = yield* conflictsThen(future, ruleset, now, flows, ours)
      all = all.map((list, i) => [...list, ...(more[i] ?? [])])
    }
    return all
  }
  const untilRefresh = yield* including(now, 'refresh')
  const untilRestart = yield* including(untilRefresh, 'restart')
  const none = now.map(() => [])
  return {
    untilRefresh,
    untilRestart,
    // Costs time and decides nothing, so it is computed only on demand.
    get rare() {
      return atOnce(including(none, 'rare'))
    },
    survivesRefresh: (position) =>
      futures.every(({ comes, crosses }) => comes !== 'refresh' || !crosses(position)),
  }
}

/** The conflicts of a future, listed at the positions of today. Where nothing moves there are no further ones. */
function* conflictsThen(
  { when, ruleset: then, positionThen }: Future,
  ruleset: Ruleset,
  now: Conflicts,
  flows: readonly Flow[],
  ours: readonly Rule[],
): InPieces<Conflicts> {
  const moved = then !== ruleset
  const found = moved ? yield* conflictsInPieces(then, flows, ours) : now
  return now.map((_, index) => {
    const position = positionThen(index + 1)
    if (!moved && position === index + 1) return []
    return (found[position - 1] ?? []).map((one) => ({ ...one, when }))
  })
}
