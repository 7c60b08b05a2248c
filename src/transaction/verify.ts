import type { Reading } from '../facts/reading.ts'
import type { HostState } from '../facts/state.ts'
import { isGuard } from '../guard/guard.ts'
import { rulesOf } from '../iptables/ruleset.ts'
import { planHost } from '../plan/plan.ts'
import type { HostFault } from './outcome.ts'
import type { Participant } from './participant.ts'

/** What is wrong with a host that should be as planned. */
export type Flaw = Pick<HostFault, 'kind' | 'reason'>

/**
 * Compares a changed host, as it was read back, with its plan: it plans again, and a change that would still be needed is
 * a flaw. A flaw is `stale` if another program changed FORWARD meanwhile, because planning again may mend it. If only our rule is
 * not where fw-run put it, another program wrote as well: taking a rule out and putting it back leaves no other trace.
 */
export function verify(participant: Participant, state: Reading<HostState>): Flaw | undefined {
  const { before, intent } = participant
  if (state.kind === 'unreadable') return { kind: 'failed', reason: state.reason }
  const plan = planHost(withOtherTables(state.value, before), intent)
  if (plan.kind === 'planned' && plan.changes.length === 0) return undefined
  if (othersWrote(participant, state.value)) {
    return { kind: 'stale', reason: 'another program changed the FORWARD chain meanwhile' }
  }
  if (plan.kind === 'refused') return { kind: 'failed', reason: plan.reason }
  return plan.changes.every(({ kind }) => kind === 'rules')
    ? {
        kind: 'stale',
        reason: 'our rule is not where fw-run put it: another program may have moved it',
      }
    : { kind: 'failed', reason: 'the set is not as planned' }
}

/** Whether the rules of others in FORWARD are not as they were when the host was planned. */
export function othersWrote({ before, intent }: Participant, after: HostState): boolean {
  return foreignRules(before, intent.set) !== foreignRules(after, intent.set)
}

/** An answer brings the filter table alone. Other tables, which may use the set, are taken as they were read before. */
function withOtherTables(after: HostState, before: HostState): HostState {
  const tables = new Map([...before.ruleset.tables, ...after.ruleset.tables])
  return { ...after, ruleset: { ...after.ruleset, tables } }
}

function foreignRules({ ruleset }: HostState, set: string): string {
  const rules = rulesOf(ruleset, 'filter', 'FORWARD').filter((rule) => !isGuard(rule, set))
  return rules.map(({ raw }) => raw).join('\n')
}
