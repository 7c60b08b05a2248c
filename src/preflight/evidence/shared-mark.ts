import { type Bits, knownBits, parseMasked, unknownBits } from '../../flow/bits.ts'
import { effectOf } from '../../flow/effect.ts'
import { makePacket } from '../../flow/packet.ts'
import type { ForwardIntent } from '../../guard/intent.ts'
import { type Match, matchOption, type Rule } from '../../iptables/rule.ts'
import type { Ruleset } from '../../iptables/ruleset.ts'
import { forwardingRules } from '../../placement/forwarding-rules.ts'
import { comesInBy } from './other-backend.ts'

const tables = ['raw', 'mangle', 'nat', 'filter']

/**
 * The first rule of one backend that may set a mark bit that rules of the other backend match. It counts only if
 * packets from outside the set, which come in by these interfaces, may meet it.
 */
export function sharedMark(
  setting: Ruleset,
  asking: Ruleset,
  { interfaces, members }: Pick<ForwardIntent, 'interfaces' | 'members'>,
): Rule | undefined {
  const connections = connectionMarks([setting, asking])
  const asked = tables
    .flatMap((table) => forwardingRules(asking, table))
    .reduce((bits, rule) => bits | bitsAsked(rule), 0)
  return tables
    .flatMap((table) => forwardingRules(setting, table))
    .find(
      (rule) =>
        (bitsSet(rule, connections) & asked) !== 0 &&
        comesInBy(rule, interfaces) &&
        !rule.matches.some((match) => isFrom(match, members)),
    )
}

/** Whether a match asks for one of these addresses as source. */
function isFrom(match: Match, addresses: readonly string[]): boolean {
  return (
    match.kind === 'source' && !match.negated && addresses.includes(match.cidr.replace(/\/32$/, ''))
  )
}

/** What connections may be marked with: nothing, if no rule of either backend marks connections. */
function connectionMarks(rulesets: readonly Ruleset[]): Bits {
  const marking = rulesets
    .flatMap((ruleset) => tables.flatMap((table) => forwardingRules(ruleset, table)))
    .some(
      ({ target }) =>
        target?.name === 'CONNMARK' && !target.options.some(({ name }) => name === 'restore-mark'),
    )
  return marking ? unknownBits : knownBits(0)
}

function bitsAsked(rule: Rule): number {
  const text = matchOption(rule, 'mark', 'mark')?.values[0]
  return text === undefined ? 0 : (parseMasked(text)?.mask ?? -1)
}

/** The bits that a rule may set on an unmarked packet. */
function bitsSet(rule: Rule, connmark: Bits): number {
  if (!/MARK$/.test(rule.target?.name ?? '')) return 0
  const unmarked = makePacket({ state: 'NEW', mark: knownBits(0), connmark })
  const effect = effectOf(rule, unmarked, { sets: new Map(), localAddresses: [] })
  return effect.kind === 'continue' ? effect.packet.mark.value | ~effect.packet.mark.known : 0
}
