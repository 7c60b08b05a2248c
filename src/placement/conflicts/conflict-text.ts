import type { Rule } from '../../iptables/rule.ts'
import { type Ruleset, rulesOf } from '../../iptables/ruleset.ts'
import type { Conflict } from './conflicts.ts'

/** Says in a clause which rule accepts or stops which flow, and when. The rule gets the number that it has in `ruleset`. */
export function describeConflict(
  { flow, rule, certain, when }: Conflict,
  ruleset: Ruleset,
): string {
  const title = `"${flow.title}"`
  const then = when ? `${when}, ` : ''
  if (flow.aim === 'keep') return `${then}our rule ${certain ? 'stops' : 'may stop'} ${title}`
  if (!rule) return `${then}our rule might miss ${title}`
  const accepts = certain ? 'accepts' : 'may accept'
  return `${then}${ruleName(rule, ruleset)} ${accepts} ${title} before our rule (${rule.raw})`
}

/** A rule by number and chain, as `rule 4 of FORWARD`. */
export function ruleName(rule: Rule, ruleset: Ruleset): string {
  const number = rulesOf(ruleset, 'filter', rule.chain).indexOf(rule) + 1
  return `rule ${number} of ${rule.chain}`
}
