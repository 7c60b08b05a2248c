import { knownBits } from '../flow/bits.ts'
import { effectOf } from '../flow/effect.ts'
import { parseMasked } from '../flow/marks.ts'
import { makePacket } from '../flow/packet.ts'
import { matchOption, type Rule } from '../iptables/rule.ts'
import type { Ruleset } from '../iptables/ruleset.ts'
import { forwardingRules } from '../plan/placement/reachable.ts'

const tables = ['raw', 'mangle', 'nat', 'filter']

/**
 * The first rule of one backend that may set a bit of the mark for which the other backend asks, on packets that come in by
 * some interfaces.
 */
export function sharedMark(
  setting: Ruleset,
  asking: Ruleset,
  interfaces: readonly string[],
): Rule | undefined {
  const asked = tables
    .flatMap((table) => forwardingRules(asking, table))
    .reduce((bits, rule) => bits | bitsAsked(rule), 0)
  return tables
    .flatMap((table) => forwardingRules(setting, table))
    .find((rule) => (bitsSet(rule) & asked) !== 0 && concerns(rule, interfaces))
}

function bitsAsked(rule: Rule): number {
  const text = matchOption(rule, 'mark', 'mark')?.values[0]
  return text === undefined ? 0 : (parseMasked(text)?.mask ?? -1)
}

/** The bits that a rule sets, or may set, on a packet without any. */
function bitsSet(rule: Rule): number {
  if (!/MARK$/.test(rule.target?.name ?? '')) return 0
  const unmarked = makePacket({ state: 'NEW', mark: knownBits(0) })
  const effect = effectOf(rule, unmarked, { sets: new Map(), localAddresses: [] })
  return effect.kind === 'continue' ? effect.packet.mark.value | ~effect.packet.mark.known : 0
}

function concerns({ matches }: Rule, interfaces: readonly string[]): boolean {
  return matches.every((match) => {
    if (match.kind !== 'in' || match.negated) return true
    const { interface: wanted } = match
    return wanted.endsWith('+')
      ? interfaces.some((name) => name.startsWith(wanted.slice(0, -1)))
      : interfaces.includes(wanted)
  })
}
