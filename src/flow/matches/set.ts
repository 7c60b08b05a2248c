import type { IpSet } from '../../ipset/sets.ts'
import type { Option } from '../../iptables/rule.ts'
import { maxListedSets } from '../../limits.ts'
import type { Packet } from '../packet.ts'
import type { Ternary } from '../ternary.ts'
import type { World } from '../world.ts'
import { everyOption, type Predicate } from './predicate.ts'
import { contentOf } from './set-content.ts'
import type { Member } from './set-member.ts'

/** Reads `--match-set NAME src,dst` of `-m set`. Options for counters of the set do not count; others are in doubt. */
export function readSet(options: readonly Option[]): Predicate {
  const asked = options.filter(({ name }) => !/^update-(sub)?counters$/.test(name))
  return everyOption(asked, ({ name, values: [set, sides] }) => {
    if (name !== 'match-set' || set === undefined || sides === undefined) return undefined
    const dimensions = sides.split(',')
    return (packet, world) => isMember(set, dimensions, packet, world)
  })
}

/** Whether a packet is in a set. It is in doubt if the set is not there or has a type that we do not know. */
function isMember(name: string, sides: readonly string[], packet: Packet, world: World): Ternary {
  const set = world.sets.get(name)
  if (!set) return 'maybe'
  if (set.type === 'list:set') return isInList(set, sides, packet, world)
  const content = contentOf(set)
  if (!content) return 'maybe'
  // In a set with more dimensions than the rule has sides, the kernel finds nothing (ip_set_core.c, ip_set_test).
  if (sides.length < content.dimensions) return 'no'
  const candidates = content.candidates(packet, sides)
  if (world.steps) world.steps.left -= candidates.length >> 1
  return decide(candidates, (member) => member.test(packet, sides))
}

function isInList(list: IpSet, sides: readonly string[], packet: Packet, world: World): Ternary {
  const inside = list.members.slice(0, maxListedSets).map((member) => {
    const nested = world.sets.get(member)?.type === 'list:set'
    return nested ? 'maybe' : isMember(member, sides, packet, world)
  })
  if (inside.includes('yes')) return 'yes'
  return inside.includes('maybe') || list.members.length > inside.length ? 'maybe' : 'no'
}

/**
 * The longest prefix decides: a `nomatch` member takes a part out of a larger network. A member that may have timed out is in
 * doubt.
 */
function decide(members: readonly Member[], test: (member: Member) => Ternary): Ternary {
  let best: Member | undefined
  const doubtful: Member[] = []
  for (const member of members) {
    const result = test(member)
    const perhaps = result === 'maybe' || (result === 'yes' && member.fleeting)
    if (perhaps) doubtful.push(member)
    else if (result === 'yes' && (!best || member.length > best.length)) best = member
  }
  const included = best !== undefined && !best.excluded
  const spoils = (member: Member): boolean =>
    member.excluded === included && (!best || member.length > best.length)
  if (doubtful.some(spoils)) return 'maybe'
  return included ? 'yes' : 'no'
}
