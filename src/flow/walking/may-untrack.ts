import type { MatchedRule } from '../matched-rule.ts'
import { decidesTracking, untracks } from '../targets/tracking-targets.ts'
import type { ChainWalk } from './walk-chain.ts'

/**
 * Whether raw may have kept a packet from conntrack by the time that `count` rules had matched. If all of them surely
 * matched, the first that decides on tracking counts; else each may. An incomplete walk may have missed one.
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
