import type { Sections } from '../agent/answer.ts'
import { textOf } from '../facts/reading.ts'
import { type HostState, readState } from '../facts/state.ts'
import { rulesOf } from '../iptables/ruleset.ts'
import { isGuard } from '../plan/guard.ts'
import { planHost } from '../plan/plan.ts'
import type { HostFault } from './outcome.ts'
import type { Owner, Participant } from './participant.ts'
import { applyBody } from './steps.ts'

/** What applying came to on one host. `touched` is false only where the host surely changed nothing. */
export type Applied =
  | { readonly kind: 'applied'; readonly sections: Sections }
  | { readonly kind: 'fault'; readonly touched: boolean; readonly fault: HostFault }

/** Asks a host to carry out its changes. The answer brings the state after them. */
export async function applyOn(participant: Participant, owner: Owner): Promise<Applied> {
  const { agent, before, intent, changes } = participant
  const reply = await agent.request(
    ['apply', intent.set, owner.run, before.fingerprint, owner.who],
    applyBody(changes),
  )
  if (reply.kind === 'lost') return fault(true, 'lost', reply.reason)
  const [word, ...said] = textOf(reply.sections, 'result').split('\n')
  const reason = said.join(' ').trim()
  switch (word) {
    case 'applied':
      return { kind: 'applied', sections: reply.sections }
    case 'stale':
      return fault(false, 'stale', 'the FORWARD chain or the set changed since it was read')
    case 'locked':
      return fault(false, 'locked', reason)
    default:
      return fault(true, 'failed', reason || `the agent answered '${word ?? ''}'`)
  }
}

/**
 * Reads the host after its changes and plans again: whatever would still be to do is a fault. If others wrote to FORWARD
 * meanwhile, it is only stale: planning again may mend it.
 */
export function verify(participant: Participant, sections: Sections): HostFault | undefined {
  const { before, intent } = participant
  const state = readState(sections)
  const fault = (kind: HostFault['kind'], reason: string): HostFault => ({
    step: 'verify',
    kind,
    reason,
  })
  if (state.kind === 'unreadable') return fault('failed', state.reason)
  const plan = planHost(state.value, intent)
  if (plan.kind === 'planned' && plan.changes.length === 0) return undefined
  if (foreignRules(before, intent.set) !== foreignRules(state.value, intent.set)) {
    return fault('stale', 'others wrote to the FORWARD chain while it was being changed')
  }
  if (plan.kind === 'refused') return fault('failed', plan.reason)
  const what = plan.changes
    .map(({ kind }) => (kind === 'set' ? 'the set' : 'the rule'))
    .join(' and ')
  return fault('failed', `${what} did not come out as planned`)
}

function foreignRules({ ruleset }: HostState, set: string): string {
  const rules = rulesOf(ruleset, 'filter', 'FORWARD').filter((rule) => !isGuard(rule, set))
  return rules.map(({ raw }) => raw).join('\n')
}

function fault(touched: boolean, kind: HostFault['kind'], reason: string): Applied {
  return { kind: 'fault', touched, fault: { step: 'apply', kind, reason } }
}
