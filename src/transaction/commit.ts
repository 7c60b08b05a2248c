import { setTimeout as delay } from 'node:timers/promises'
import type { Agent } from '../agent/agent.ts'
import { textOf } from '../facts/reading.ts'
import { readState } from '../facts/state.ts'
import { planHost } from '../plan/plan.ts'
import { applyOn } from './apply.ts'
import type { HostFault, HostOutcome } from './outcome.ts'
import type { Owner, Participant } from './participant.ts'

/** How committing came out on one host. */
export interface Committed {
  readonly outcome: HostOutcome
  readonly fault: HostFault | undefined
}

/** How often, and how many milliseconds apart, a host is asked that may still be busy taking its change back. */
const tries = 10
const pause = 1000

/**
 * Tells a host to keep its change. All hosts have verified by then, so there is no way back: if the message or its
 * answer is lost, a new session reads the host and does what is still to be done.
 */
export async function commitOn(participant: Participant, owner: Owner): Promise<Committed> {
  const first = await ask(participant.agent, participant, owner)
  if (first.outcome.kind === 'committed') return first
  for (let attempt = 1; attempt <= tries; attempt++) {
    const agent = await participant.reopen()
    if ('unreachable' in agent) return { ...first, fault: lost(agent.unreachable) }
    const settled = await finish(agent, participant, owner)
    agent.end()
    if (settled) return settled
    await delay(pause)
  }
  return first
}

/** Reads a host and brings it forward to what was decided; nothing while somebody still holds it. */
async function finish(
  agent: Agent,
  participant: Participant,
  owner: Owner,
): Promise<Committed | undefined> {
  const { intent } = participant
  const reply = await agent.request(['facts', intent.set])
  if (reply.kind === 'lost' || textOf(reply.sections, 'lock').trim() !== '') return undefined
  const before = readState(reply.sections)
  if (before.kind === 'unreadable') return undefined
  const plan = planHost(before.value, intent)
  if (plan.kind === 'refused') return undefined
  if (plan.changes.length === 0)
    return { outcome: { kind: 'committed', left: '' }, fault: undefined }
  const again = { ...participant, agent, before: before.value, changes: plan.changes }
  const { fault } = await applyOn(again, owner)
  return fault ? undefined : ask(agent, participant, owner)
}

async function ask(agent: Agent, { intent }: Participant, owner: Owner): Promise<Committed> {
  const reply = await agent.request(['commit', intent.set, owner.run])
  if (reply.kind === 'lost') return unsure(lost(reply.reason))
  const [word, ...left] = textOf(reply.sections, 'result').split('\n')
  if (word !== 'committed') {
    return unsure({ step: 'commit', kind: 'failed', reason: `the agent answered '${word}'` })
  }
  return { outcome: { kind: 'committed', left: left.join(' ').trim() }, fault: undefined }
}

function lost(reason: string): HostFault {
  return { step: 'commit', kind: 'lost', reason }
}

function unsure(fault: HostFault): Committed {
  return {
    fault,
    outcome: {
      kind: 'incomplete',
      left: `all hosts were told to keep the change, but this one did not confirm: ${fault.reason}`,
      remedy: 'Run the same command again: it changes only what is not as it should be.',
    },
  }
}
