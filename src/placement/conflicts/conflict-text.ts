import type { Rule } from '../../iptables/rule.ts'
import { type Ruleset, rulesOf } from '../../iptables/ruleset.ts'
import type { Conflict } from './conflicts.ts'

/**
 * Says which rule accepts or stops which flow, and when. The rule gets the number that it has in `ruleset`. It begins as a
 * clause; the text of a rule that accepts follows as a sentence of its own.
 */
export function describeConflict(
  { flow, rule, certain, when }: Conflict,
  ruleset: Ruleset,
): string {
  const title = `"${flow.title}"`
  const then = when ? `, ${when}` : ''
  if (flow.aim === 'keep')
    return `${certain ? 'our rule stops' : 'it is possible that our rule stops'} ${title}${then}`
  if (!rule) return `it is not certain that our rule stops ${title}${then}`
  const accepts = certain ? 'accepts' : 'may accept'
  return `${ruleName(rule, ruleset)} ${accepts} ${title} before our rule${then}. That rule: ${rule.raw}`
}

/** A rule by number and chain, as `rule 4 of FORWARD`. */
export function ruleName(rule: Rule, ruleset: Ruleset): string {
  const number = rulesOf(ruleset, 'filter', rule.chain).indexOf(rule) + 1
  return `rule ${number} of ${rule.chain}`
}
