import type { HostState } from '../facts/state.ts'
import { findGuards } from './guard.ts'

/**
 * What of ours is not as it was, in words; empty after a complete rollback. Rules are compared by text and number of
 * copies: others may have moved them by writing to FORWARD meanwhile.
 */
export function differences(before: HostState, after: HostState, set: string): readonly string[] {
  const found: string[] = []
  const rules = (state: HostState): string[] =>
    findGuards(state.ruleset, set).map(({ rule }) => rule.raw)
  if (rules(before).sort().join('\n') !== rules(after).sort().join('\n')) {
    found.push(
      `rules of ours in FORWARD: ${describe(rules(after))}, before: ${describe(rules(before))}`,
    )
  }
  const members = (state: HostState): string | undefined =>
    state.sets.get(set)?.members.toSorted().join(' ')
  if (members(before) !== members(after)) {
    found.push(
      `set ${set}: ${members(after) ?? 'not there'}, before: ${members(before) ?? 'not there'}`,
    )
  }
  return found
}

function describe(rules: readonly string[]): string {
  return rules.length === 0 ? 'none' : rules.join('; ')
}
