import { matches } from '../flow/matching.ts'
import { positions } from '../flow/positions.ts'
import type { Verdict } from '../flow/verdict.ts'
import { walk } from '../flow/walk.ts'
import type { World } from '../flow/world.ts'
import type { Rule } from '../iptables/rule.ts'
import type { Ruleset } from '../iptables/ruleset.ts'
import type { Flow } from './flows.ts'

/** What becomes of a flow without our rule, and with it at its place, in a word each. */
export interface Traffic {
  readonly title: string
  readonly before: string
  readonly after: string
}

/** The flows of a host before and after, for a person. The ruleset must be without rules of ours. */
export function trafficOf(
  ruleset: Ruleset,
  flows: readonly Flow[],
  ours: readonly Rule[],
  position: number,
  world: World,
): readonly Traffic[] {
  const told = new Map<string, Traffic>()
  for (const { title, packet } of flows) {
    const { certain } = walk(ruleset, 'filter', 'FORWARD', packet, world)
    const before = certain ? word(certain) : 'unsure'
    const place = positions(ruleset, 'filter', 'FORWARD', packet, world)[position - 1]
    const stopped =
      place &&
      place.reached !== 'no' &&
      ours.some((rule) => matches(rule, place.packet, place.world) === 'yes')
    const action = ours[0]?.target?.name === 'DROP' ? 'dropped' : 'rejected'
    // Of hundreds of published ports, one line a kind is enough.
    const shown = title.replace(/published port \S+/, 'published ports')
    const after = stopped ? action : before
    told.set(`${shown} ${before} ${after}`, { title: shown, before, after })
  }
  return [...told.values()]
}

function word(verdict: Verdict): string {
  const words: Partial<Record<Verdict['kind'], string>> = {
    accept: 'accepted',
    drop: 'dropped',
    reject: 'rejected',
  }
  return words[verdict.kind] ?? 'unsure'
}
