import type { MatchedRule } from '../matched-rule.ts'
import { decidesTracking, untracks } from '../targets/tracking-targets.ts'
import type { ChainWalk } from './walk-chain.ts'

/**
 * Whether raw may have taken a packet from conntrack when so many rules had matched. Without doubt only the first rule that
 * decides on tracking counts; with doubt, each of them may. A walk that is not complete may have missed one.
 */
export function mayUntrack({ matched, complete }: ChainWalk): (count: number) => boolean {
  const index = (holds: (one: MatchedRule) => boolean): number => {
    const found = matched.findIndex(holds)
    return found < 0 ? Number.POSITIVE_INFINITY : found
  }
  const doubt = index(({ match }) => match === 'maybe')
  const deciding = index(({ rule }) => decidesTracking(rule.target))
  const untracking = index(({ rule }) => untracks(rule.target))
  return (count) => {
    if (!complete) return true
    return untracking < count && (doubt < count || untracking === deciding)
  }
}
