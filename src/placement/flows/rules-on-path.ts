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
 * The rules that a packet may match until FORWARD has decided on it. Of what is not known of it any value counts, so no
 * packet that fits meets another rule.
 */
export function metBy({ ruleset, world, rules }: HostModel, packet: Packet): readonly Rule[] {
  const found = new Set<Rule>()
  const known = withoutChanged(world, rules)
  let here = rules.some(({ target }) => /^(NOTRACK|CT)$/.test(target?.name ?? ''))
    ? { ...packet, state: undefined, direction: undefined, dnat: undefined, snat: undefined }
    : packet
  for (const [table, chain] of hooks) {
    const { matched, packet: next } = walk(ruleset, table, chain, here, known)
    for (const { rule } of matched) found.add(rule)
    here = next
  }
  return [...found]
}

/** The world without the sets that rules on the way change. */
function withoutChanged(world: World, rules: readonly Rule[]): World {
  return rules
    .filter(({ target }) => target?.name === 'SET')
    .flatMap(({ target }) => target?.options ?? [])
    .filter(({ name }) => /^(add|del)-set$/.test(name))
    .reduce((now, { values: [set = ''] }) => forgetSet(now, set), world)
}
