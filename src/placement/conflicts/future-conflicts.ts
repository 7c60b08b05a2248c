import type { Rule } from '../../iptables/rule.ts'
import type { Flow } from '../flows/flow.ts'
import type { HostModel } from '../host/host-model.ts'
import { type Conflicts, conflicts } from './conflicts.ts'
import { type Future, futuresOf } from './futures.ts'

/** What speaks against each place. */
export interface Prospects {
  /** Now, and as soon as Felix and kube-router have looked again. */
  readonly soon: Conflicts
  /** That, and what will speak against it when others start anew. */
  readonly ever: Conflicts
  /** What will speak against it but counts for nothing, because many a host never sees it. */
  readonly told: Conflicts
  /** Whether no rule of others is about to come to stand on the other side of ours. */
  readonly lasts: (place: number) => boolean
}

/** Judges every place by FORWARD as it is, and as it will be. */
export function prospectsOf(
  { ruleset, podNetworks }: HostModel,
  flows: readonly Flow[],
  ours: readonly Rule[],
): Prospects {
  const now = conflicts(ruleset, flows, ours)
  const futures = futuresOf(ruleset, podNetworks)
  const together = (before: Conflicts, comes: Future['comes']): Conflicts =>
    futures
      .filter((future) => future.comes === comes)
      .map((future) => {
        const moved = future.ruleset !== ruleset
        return foreseen(future, moved, moved ? conflicts(future.ruleset, flows, ours) : now)
      })
      .reduce((all, more) => all.map((list, i) => [...list, ...(more[i] ?? [])]), before)
  const soon = together(now, 'soon')
  return {
    ...{ soon, ever: together(soon, 'sometime') },
    // Walked only when asked for, because it decides nothing.
    get told() {
      const nothing = now.map(() => [])
      return together(nothing, 'told')
    },
    lasts: (place) => futures.every(({ comes, crosses }) => comes !== 'soon' || !crosses(place)),
  }
}

/** What speaks against each place of now where our rule stands then; nothing new where nothing moves. */
function foreseen({ when, placeThen }: Future, moved: boolean, then: Conflicts): Conflicts {
  return then.map((_, index) => {
    const place = placeThen(index + 1)
    if (!moved && place === index + 1) return []
    return (then[place - 1] ?? []).map((one) => ({ ...one, when }))
  })
}
