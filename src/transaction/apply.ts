import type { Sections } from '../agent/answer.ts'
import { textOf } from '../facts/reading.ts'
import { type HostState, readState } from '../facts/state.ts'
import { rulesOf } from '../iptables/ruleset.ts'
import { isGuard } from '../plan/guard.ts'
import { planHost } from '../plan/plan.ts'
import { inTurn } from '../turns.ts'
import type { HostFault } from './outcome.ts'
import type { Owner, Participant } from './participant.ts'
import { applyBody } from './steps.ts'

/**
 * What applying came to on one host, by its last plan. `untouched`: it surely changed nothing; `taken-back`: it did, and was
 * seen to be as before again.
 */
export interface Applied {
  readonly participant: Participant
  readonly state: 'untouched' | 'touched' | 'taken-back'
  readonly fault: HostFault | undefined
}

/**
 * Asks a host to carry out its changes, and verifies them by the state that the answer brings. The host keeps them for
 * `lease` seconds from each sign of the runner, and then takes them back: `holds` is called as soon as it has them.
 */
export async function applyOn(
  participant: Participant,
  owner: Owner,
  lease: number,
  holds: () => void = () => {},
): Promise<Applied> {
  const { agent, before, intent, changes } = participant
  const reply = await agent.request(
    ['apply', intent.set, owner.run, before.fingerprint, owner.who, `${lease}`],
    applyBody(changes),
  )
  const failed = (touched: boolean, kind: HostFault['kind'], reason: string): Applied => ({
    participant,
    state: touched ? 'touched' : 'untouched',
    fault: { step: 'apply', kind, reason },
  })
  if (reply.kind === 'lost') {
    return failed(reply.sent, reply.unheard ? 'unheard' : 'lost', reply.reason)
  }
  const [word, ...said] = textOf(reply.sections, 'result').split('\n')
  const reason = said.join(' ').trim()
  switch (word) {
    case 'applied':
      holds()
      return {
        participant,
        state: 'touched',
        fault: await inTurn(() => verify(participant, reply.sections)),
      }
    case 'stale':
      return failed(false, 'stale', 'the FORWARD chain or the set changed since it was read')
    case 'locked':
      return failed(false, 'locked', reason)
    case 'untouched':
      return failed(false, 'failed', reason)
    default: {
      // A command may have failed for what others did, such as an insertion behind rules that they took out.
      const state = readState(reply.sections)
      const moved = state.kind === 'read' && othersWrote(participant, state.value)
      return failed(
        true,
        moved ? 'stale' : 'failed',
        reason || `the agent answered '${word ?? ''}'`,
      )
    }
  }
}

/**
 * Reads the host after its changes and plans again: whatever would still be to do is a fault. If others wrote to FORWARD
 * meanwhile, it is only stale: planning again may mend it. They did as well where the rule was put in and is not at its
 * place: who takes a rule out and puts it back leaves no other trace.
 */
function verify(participant: Participant, sections: Sections): HostFault | undefined {
  const { before, intent } = participant
  const state = readState(sections)
  const fault = (kind: HostFault['kind'], reason: string): HostFault => ({
    step: 'verify',
    kind,
    reason,
  })
  if (state.kind === 'unreadable') return fault('failed', state.reason)
  const plan = planHost(withOtherTables(state.value, before), intent)
  if (plan.kind === 'planned' && plan.changes.length === 0) return undefined
  if (othersWrote(participant, state.value)) {
    return fault('stale', 'others wrote to the FORWARD chain while it was being changed')
  }
  if (plan.kind === 'planned' && plan.changes.every(({ kind }) => kind === 'rules')) {
    return fault(
      'stale',
      'our rule is not where it was put, as if others had put theirs anew meanwhile',
    )
  }
  return fault(
    'failed',
    plan.kind === 'refused' ? plan.reason : 'the set did not come out as planned',
  )
}

/** The answer brings the filter table alone; what else uses the set stands in the other tables, as it was read before. */
function withOtherTables(after: HostState, before: HostState): HostState {
  const tables = new Map([...before.ruleset.tables, ...after.ruleset.tables])
  return { ...after, ruleset: { ...after.ruleset, tables } }
}

function othersWrote({ before, intent }: Participant, after: HostState): boolean {
  return foreignRules(before, intent.set) !== foreignRules(after, intent.set)
}

function foreignRules({ ruleset }: HostState, set: string): string {
  const rules = rulesOf(ruleset, 'filter', 'FORWARD').filter((rule) => !isGuard(rule, set))
  return rules.map(({ raw }) => raw).join('\n')
}
