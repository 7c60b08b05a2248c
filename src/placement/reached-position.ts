import { positionRanges, rangeAt } from '../flow/positions.ts'
import type { Ruleset } from '../iptables/ruleset.ts'
import type { Flow } from './flows/flow.ts'

/** The packets of a host, and the rules that they come to. */
export interface Path {
  readonly ruleset: Ruleset
  readonly flows: readonly Flow[]
}

/**
 * The last of some positions, given in ascending order, to which a packet of an outsider may come; undefined if there
 * is none. After a rule that stops everything, our rule would do nothing until somebody deletes that rule. If somebody
 * accepts pods before that rule, ours would come too late.
 */
export function lastReached(
  { ruleset, flows }: Path,
  positions: readonly number[],
): number | undefined {
  let found = -1
  for (const { aim, packet, world } of flows) {
    // Nearly always, the first packet comes to the last position.
    if (found === positions.length - 1) break
    if (aim !== 'stop') continue
    const ranges = positionRanges(ruleset, 'filter', 'FORWARD', packet, world)
    const reaches = (at: number): boolean => rangeAt(ranges, at)?.reached !== 'no'
    found = Math.max(found, positions.findLastIndex(reaches))
  }
  return positions[found]
}
