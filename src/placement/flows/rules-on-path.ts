import type { Packet } from '../../flow/packet.ts'
import { walk } from '../../flow/walk.ts'
import { forgetSet, type World } from '../../flow/world.ts'
import type { Rule } from '../../iptables/rule.ts'
import type { HostModel } from '../host/host-model.ts'

/** The chains that a forwarded packet comes through, in this order. */
const hooks = [
  ['raw', 'PREROUTING'],
  ['mangle', 'PREROUTING'],
  ['nat', 'PREROUTING'],
  ['mangle', 'FORWARD'],
  ['filter', 'FORWARD'],
] as const

/**
 * The rules that a packet may match from the wire to the end of FORWARD. A property that is left open may have any value,
 * so no packet of that description matches any other rule.
 */
export function rulesOnPath({ ruleset, world, rules }: HostModel, packet: Packet): readonly Rule[] {
  const found = new Set<Rule>()
  const knownSets = withoutChangedSets(world, rules)
  let current = rules.some(({ target }) => /^(NOTRACK|CT)$/.test(target?.name ?? ''))
    ? { ...packet, state: undefined, direction: undefined, dnat: undefined, snat: undefined }
    : packet
  for (const [table, chain] of hooks) {
    const { matched, packet: next, complete } = walk(ruleset, table, chain, current, knownSets)
    if (!complete) return rules
    for (const { rule } of matched) found.add(rule)
    current = next
  }
  return [...found]
}

/** The world without the sets that rules change (`-j SET`): their members are not known when the packet comes. */
function withoutChangedSets(world: World, rules: readonly Rule[]): World {
  return rules
    .filter(({ target }) => target?.name === 'SET')
    .flatMap(({ target }) => target?.options ?? [])
    .filter(({ name }) => /^(add|del)-set$/.test(name))
    .reduce((now, { values: [set = ''] }) => forgetSet(now, set), world)
}
