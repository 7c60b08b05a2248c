import { movingMark } from '../agent/names.ts'
import type { Rule } from '../iptables/rule.ts'

/** A rule of ours and its number in its chain, from 1, counted from 1. */
export interface PlacedRule {
  readonly position: number
  readonly rule: Rule
}

/** Whether two rules do the same. Comments do not matter, because an administrator may have added them. */
export function sameMeaning(a: Rule, b: Rule): boolean {
  return meaning(a) === meaning(b) && !isCover(a) && !isCover(b)
}

function isCover(rule: Rule): boolean {
  return rule.words.some((word) => word.startsWith(movingMark))
}

function meaning(rule: Rule): string {
  const matches = rule.matches.filter(
    (match) => match.kind !== 'module' || match.module !== 'comment',
  )
  return JSON.stringify([matches, rule.target])
}
