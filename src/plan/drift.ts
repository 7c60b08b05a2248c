import type { HostState } from '../facts/state.ts'
import { findGuards } from '../guard/guard.ts'
import type { Change } from './change.ts'

/**
 * What of ours is not as it was, in words; empty after a complete rollback. Rules are compared by text and number of
 * copies: others may have moved them by writing to FORWARD meanwhile.
 */
export function differences(before: HostState, after: HostState, set: string): readonly string[] {
  return compare(oursIn(before, set), oursIn(after, set), set)
}

/** The same for a state before that is known only by the changes that were to be made from it. */
export function leftOf(
  changes: readonly Change[],
  after: HostState,
  set: string,
): readonly string[] {
  const now = oursIn(after, set)
  let before = now
  for (const change of changes) {
    before =
      change.kind === 'set'
        ? { ...before, members: change.before?.members }
        : { ...before, rules: change.before.map(({ rule }) => rule.raw) }
  }
  return compare(before, now, set)
}

/** What of a host is ours: rules as printed, and the members of the set, if it is there. */
interface Ours {
  readonly rules: readonly string[]
  readonly members: readonly string[] | undefined
}

function oursIn(state: HostState, set: string): Ours {
  return {
    rules: findGuards(state.ruleset, set).map(({ rule }) => rule.raw),
    members: state.sets.get(set)?.members,
  }
}

function compare(before: Ours, after: Ours, set: string): readonly string[] {
  const found: string[] = []
  const sorted = ({ rules }: Ours): string => rules.toSorted().join('\n')
  if (sorted(before) !== sorted(after)) {
    found.push(
      `rules of ours in FORWARD: ${describe(after.rules)}, before: ${describe(before.rules)}`,
    )
  }
  const members = (ours: Ours): string => ours.members?.toSorted().join(' ') ?? 'not there'
  if (members(before) !== members(after)) {
    found.push(`set ${set}: ${members(after)}, before: ${members(before)}`)
  }
  return found
}

function describe(rules: readonly string[]): string {
  return rules.length === 0 ? 'none' : rules.join('; ')
}
