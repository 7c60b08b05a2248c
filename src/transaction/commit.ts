import { setTimeout as delay } from 'node:timers/promises'
import type { Agent } from '../agent/agent.ts'
import { textOf } from '../facts/reading.ts'
import { readState } from '../facts/state.ts'
import { retryPauseMs } from '../limits.ts'
import { planHost } from '../plan/plan.ts'
import { applyOn } from './apply.ts'
import type { HostFault, HostOutcome } from './outcome.ts'
import type { Owner, Participant, Terms } from './participant.ts'

/** How committing came out on one host. */
export interface Committed {
  readonly outcome: HostOutcome
  readonly fault: HostFault | undefined
  /** It holds the change and could not commit it, for a cause of its own. */
  readonly armed?: true
}

/** Tells a host to keep its change. That is decided by then, so there is no way back. */
export function askToCommit(participant: Participant, owner: Owner): Promise<Committed> {
  return ask(participant.agent, participant, owner)
}

/**
 * Waits for a host's answer to that. If the message or its answer is lost, or the host has taken its change back
 * meanwhile, new sessions bring it forward, for `patience` milliseconds at most.
 */
export async function commitOn(
  participant: Participant,
  answer: Promise<Committed>,
  { owner, lease, patience }: Terms,
): Promise<Committed> {
  const first = await answer
  if (first.outcome.kind === 'committed') return first
  const end = performance.now() + patience
  do {
    const agent = await participant.reopen()
    if (!('unreachable' in agent)) {
      const settled = await bringForward(agent, participant, owner, lease)
      agent.end()
      if (settled) return settled
    }
    await delay(Math.min(retryPauseMs, patience))
  } while (performance.now() < end)
  return first
}

/**
 * Commits what is still open on a host, also if a session that went silent holds it. Where it was taken back, or is being
 * taken back, the host is read and changed once more. Nothing where that is worth another try.
 */
async function bringForward(
  agent: Agent,
  participant: Participant,
  owner: Owner,
  lease: number,
): Promise<Committed | undefined> {
  const { intent } = participant
  if ((await agent.request(['facts', intent.set])).kind === 'lost') return undefined
  const late = await ask(agent, participant, owner)
  if (late.outcome.kind === 'committed') return late
  if (late.armed) return undefined
  const reply = await agent.request(['rollback', intent.set, owner.run, owner.who])
  if (reply.kind === 'lost') return undefined
  if (!textOf(reply.sections, 'result').startsWith('rolled-back')) return undefined
  const read = await agent.request(['facts', intent.set])
  const before = read.kind === 'answered' ? readState(read.sections) : undefined
  if (before?.kind !== 'read') return undefined
  const plan = planHost(before.value, intent)
  if (plan.kind === 'refused') return undefined
  if (plan.changes.length === 0) {
    return { outcome: { kind: 'committed', left: plan.notes.join('; ') }, fault: undefined }
  }
  const again = { ...participant, agent, before: before.value, changes: plan.changes }
  const { fault } = await applyOn(again, owner, lease)
  if (fault) return undefined
  const settled = await ask(agent, participant, owner)
  return settled.outcome.kind === 'committed' ? settled : undefined
}

async function ask(agent: Agent, { intent }: Participant, owner: Owner): Promise<Committed> {
  const reply = await agent.request(['commit', intent.set, owner.run, owner.who])
  if (reply.kind === 'lost') return unsure(lost(reply.reason))
  const [word, ...left] = textOf(reply.sections, 'result').split('\n')
  if (word === 'committed') {
    return { outcome: { kind: 'committed', left: left.join(' ').trim() }, fault: undefined }
  }
  const failed = (reason: string): Committed => unsure({ step: 'commit', kind: 'failed', reason })
  if (word === 'failed') return { ...failed(left.join(' ').trim()), armed: true }
  return failed(word === 'fired' ? takenBack : forgotten)
}

const takenBack = 'the host had taken its change back by then'
const forgotten =
  'the host knows nothing of the change any more: it has taken it back, or was restarted'

function lost(reason: string): HostFault {
  return { step: 'commit', kind: 'lost', reason }
}

function unsure(fault: HostFault): Committed {
  return {
    fault,
    outcome: {
      kind: 'incomplete',
      unseen: true,
      left: `all hosts were told to keep the change, but this one did not confirm: ${fault.reason}`,
      remedy:
        fault.kind === 'lost'
          ? 'Bring it forward with `fw-run recover` once it can be reached.'
          : 'Mend the cause if there is one, then bring it forward with `fw-run recover`.',
    },
  }
}
