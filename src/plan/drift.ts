import type { HostState } from '../facts/state.ts'
import { findGuards } from '../guard/guard.ts'
import type { Change } from './change.ts'

/**
 * How our rules and our set differ from before, in words; empty after a complete rollback. Positions do not matter,
 * because others may have moved our rules meanwhile: rules are compared by text and number of copies.
 */
export function differences(before: HostState, after: HostState, set: string): readonly string[] {
  return compare(oursIn(before, set), oursIn(after, set), set)
}

/** The same, if the state before is known only from the changes that were planned for it. */
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

/** What is ours on a host: rules as printed, and the members of the set; undefined if there is no set. */
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
      `our rules in FORWARD are now: ${describe(after.rules)}; before: ${describe(before.rules)}`,
    )
  }
  const members = (ours: Ours): string => ours.members?.toSorted().join(' ') ?? 'missing'
  if (members(before) !== members(after)) {
    found.push(`set ${set} is now: ${members(after)}; before: ${members(before)}`)
  }
  return found
}

function describe(rules: readonly string[]): string {
  return rules.length === 0 ? 'none' : rules.join('; ')
}
