import type { Rule } from '../iptables/rule.ts'
import { readMatch } from './matches/match.ts'
import { all, type Predicate } from './matches/predicate.ts'
import type { Packet } from './packet.ts'
import type { Ternary } from './ternary.ts'
import type { World } from './world.ts'

const predicates = new WeakMap<Rule, Predicate>()

/** Whether a packet matches all conditions of a rule. A rule is read once, however often this is called. */
export function matches(rule: Rule, packet: Packet, world: World): Ternary {
  let predicate = predicates.get(rule)
  if (!predicate) {
    predicate = all(rule.matches.map(readMatch))
    predicates.set(rule, predicate)
  }
  return predicate(packet, world)
}
