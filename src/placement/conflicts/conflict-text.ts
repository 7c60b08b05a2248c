import { isGuard } from '../../guard/forward-rule.ts'
import type { Rule } from '../../iptables/rule.ts'
import { type Ruleset, rulesOf } from '../../iptables/ruleset.ts'
import type { Conflict } from './conflicts.ts'

/** Names a rule by the number that `iptables -S` shows on the host now, and by its chain: `rule 4 of FORWARD`. */
export type NameOfRule = (rule: Rule) => string

/**
 * Names the rules of `others`, a ruleset without our rules, by their numbers in `now`: the same host with our rules as
 * they stand. Each rule must be an object of `others`.
 */
export function namesOfRules(others: Ruleset, now: Ruleset, set: string): NameOfRule {
  return (rule) => {
    const index = rulesOf(others, 'filter', rule.chain).indexOf(rule)
    const numbers = rulesOf(now, 'filter', rule.chain).flatMap((one, i) =>
      rule.chain === 'FORWARD' && isGuard(one, set) ? [] : [i + 1],
    )
    const number = numbers[index]
    return number === undefined ? withoutNumber(rule) : `rule ${number} of ${rule.chain}`
  }
}

/** Names a rule where the number may change before somebody reads it. */
export const withoutNumber: NameOfRule = ({ chain }) => `a rule of ${chain}`

/**
 * Says which rule accepts or stops which flow, and when. It begins as a clause; the text of a rule that accepts follows as
 * a sentence of its own.
 */
export function describeConflict(
  { flow, rule, certain, when }: Conflict,
  nameOf: NameOfRule,
): string {
  const title = `"${flow.title}"`
  const then = when ? `${when}, ` : ''
  if (flow.aim === 'keep')
    return `${then}${certain ? 'the rule of fw-run would stop' : 'perhaps the rule of fw-run would stop'} ${title}`
  if (!rule) return `${then}perhaps the rule of fw-run would not stop ${title}`
  const accepts = certain ? 'accepts' : 'may accept'
  return `${then}${nameOf(rule)} ${accepts} ${title} before the rule of fw-run. That rule: ${rule.raw}`
}
