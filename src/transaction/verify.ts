import type { Sections } from '../agent/answer.ts'
import { type HostState, readState } from '../facts/state.ts'
import { isGuard } from '../guard/guard.ts'
import { rulesOf } from '../iptables/ruleset.ts'
import { planHost } from '../plan/plan.ts'
import type { HostFault } from './outcome.ts'
import type { Participant } from './participant.ts'

/** What is wrong with a host that should be as planned. */
export type Flaw = Pick<HostFault, 'kind' | 'reason'>

/**
 * Looks, by what a changed host answered, whether it is as planned: planning again, whatever would still be to do is a flaw.
 * If others wrote to FORWARD meanwhile, it is only stale: planning again may mend it. They did as well where only the rule
 * is not as it was put: who takes a rule out and puts it back leaves no other trace.
 */
export function verify(participant: Participant, sections: Sections): Flaw | undefined {
  const { before, intent } = participant
  const state = readState(sections)
  if (state.kind === 'unreadable') return { kind: 'failed', reason: state.reason }
  const plan = planHost(withOtherTables(state.value, before), intent)
  if (plan.kind === 'planned' && plan.changes.length === 0) return undefined
  if (othersWrote(participant, state.value)) {
    return { kind: 'stale', reason: 'others wrote to the FORWARD chain meanwhile' }
  }
  if (plan.kind === 'refused') return { kind: 'failed', reason: plan.reason }
  return plan.changes.every(({ kind }) => kind === 'rules')
    ? { kind: 'stale', reason: 'our rule is not where it was put, as if others had written there' }
    : { kind: 'failed', reason: 'the set is not as planned' }
}

/** Whether the rules of others in FORWARD are not as they were when the host was planned for. */
export function othersWrote({ before, intent }: Participant, after: HostState): boolean {
  return foreignRules(before, intent.set) !== foreignRules(after, intent.set)
}

/** The answer brings the filter table alone; what else uses the set stands in the other tables, as it was read before. */
function withOtherTables(after: HostState, before: HostState): HostState {
  const tables = new Map([...before.ruleset.tables, ...after.ruleset.tables])
  return { ...after, ruleset: { ...after.ruleset, tables } }
}

function foreignRules({ ruleset }: HostState, set: string): string {
  const rules = rulesOf(ruleset, 'filter', 'FORWARD').filter((rule) => !isGuard(rule, set))
  return rules.map(({ raw }) => raw).join('\n')
}
