import { makeRule, matchOption, type Option, type Rule } from '../iptables/rule.ts'
import { type Ruleset, rulesOf } from '../iptables/ruleset.ts'
import type { ForwardIntent } from './intent.ts'
import type { PlacedRule } from './placed-rule.ts'

/** The rule that guards one interface, exactly as `iptables -S` prints it. */
export function guardRule(intent: ForwardIntent, interfaceName: string): Rule {
  const target =
    intent.action === 'REJECT' ? ['REJECT', '--reject-with', 'icmp-port-unreachable'] : ['DROP']
  return makeRule('FORWARD', [
    ...['-i', interfaceName],
    ...['-m', 'set', '!', '--match-set', intent.set, 'src'],
    ...(intent.published === 'allow'
      ? ['-m', 'conntrack', '!', '--ctstate', 'RELATED,ESTABLISHED,DNAT']
      : []),
    ...['-j', ...target],
  ])
}

/** The rules of FORWARD that are ours, by their shape: those put there by hand as well. */
export function findGuards(ruleset: Ruleset, set: string): readonly PlacedRule[] {
  return rulesOf(ruleset, 'filter', 'FORWARD').flatMap((rule, index) =>
    isGuard(rule, set) ? [{ position: index + 1, rule }] : [],
  )
}

/** A ruleset without our rules in FORWARD; the very same one where there are none. */
export function withoutGuards(ruleset: Ruleset, set: string): Ruleset {
  const filter = ruleset.tables.get('filter')
  const forward = filter?.get('FORWARD')
  if (!filter || !forward) return ruleset
  const rules = forward.rules.filter((rule) => !isGuard(rule, set))
  if (rules.length === forward.rules.length) return ruleset
  const chains = new Map([...filter, ['FORWARD', { ...forward, rules }]])
  return { ...ruleset, tables: new Map([...ruleset.tables, ['filter', chains]]) }
}

/**
 * Whether a rule has our shape: it rejects or drops sources that are not in the set, and matches nothing else. It may
 * name an interface, and may except replies and published ports. Any other rule that uses the set is not ours.
 */
export function isGuard(rule: Rule, set: string): boolean {
  return guardedSet(rule) === set
}

/** The name of the set that a rule of our shape uses; undefined if it has another shape. */
export function guardedSet(rule: Rule): string | undefined {
  const match = matchOption(rule, 'set', 'match-set')
  const stops = rule.target?.name === 'REJECT' || rule.target?.name === 'DROP'
  const plain = rule.matches.every(
    (one) =>
      (one.kind === 'in' && !one.negated) ||
      (one.kind === 'module' && /^(set|comment)$/.test(one.module)) ||
      (one.kind === 'module' && one.module === 'conntrack' && exempts(one.options)),
  )
  const sets = rule.matches.filter((one) => one.kind === 'module' && one.module === 'set')
  if (!stops || !plain || sets.length !== 1) return undefined
  return match?.negated && match.values[1] === 'src' ? match.values[0] : undefined
}

function exempts(options: readonly Option[]): boolean {
  return options.every(({ name, negated }) => name === 'ctstate' && negated)
}
