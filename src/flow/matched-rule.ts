import type { Rule } from '../iptables/rule.ts'

/** A rule with its chain and its number there, from 1 as iptables counts. */
export interface NumberedRule {
  readonly chain: string
  readonly number: number
  readonly rule: Rule
}

/** A rule that a packet came to, and that matched it: `yes` for sure, or `maybe`. */
export interface MatchedRule extends NumberedRule {
  readonly match: 'yes' | 'maybe'
}

/** A matched rule with its table, on a way through several tables. */
export interface RuleOnPath extends MatchedRule {
  readonly table: string
}
