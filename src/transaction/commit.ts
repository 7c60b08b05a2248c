import { setTimeout as delay } from 'node:timers/promises'
import type { Agent } from '../agent/agent.ts'
import { textOf } from '../facts/reading.ts'
import { readState } from '../facts/state.ts'
import { planHost } from '../plan/plan.ts'
import { applyOn } from './apply.ts'
import type { HostFault, HostOutcome } from './outcome.ts'
import type { Owner, Participant } from './participant.ts'
import { rollbackBody } from './steps.ts'

/** How committing came out on one host. */
export interface Committed {
  readonly outcome: HostOutcome
  readonly fault: HostFault | undefined
}

/** Milliseconds between two tries to reach a host that did not confirm. */
const pause = 1000

/**
 * Tells a host to keep its change. All hosts have verified by then, so there is no way back: if the message or its
 * answer is lost, a new session reads the host and does what is still to be done, for `patience` milliseconds at most.
 */
export async function commitOn(
  participant: Participant,
  owner: Owner,
  patience: number,
): Promise<Committed> {
  const first = await ask(participant.agent, participant, owner)
  if (first.outcome.kind === 'committed') return first
  const end = performance.now() + patience
  do {
    const agent = await participant.reopen()
    if (!('unreachable' in agent)) {
      const settled = await finish(agent, participant, owner)
      agent.end()
      if (settled) return settled
    }
    await delay(Math.min(pause, patience))
  } while (performance.now() < end)
  return first
}

/**
 * Reads a host and brings it forward to what was decided; nothing where that is worth another try. If the session that
 * went silent still holds the host, its agent is ended and its change taken back first: it would do so later.
 */
async function finish(
  agent: Agent,
  participant: Participant,
  owner: Owner,
): Promise<Committed | undefined> {
  const { intent, changes } = participant
  let reply = await agent.request(['facts', intent.set])
  if (reply.kind === 'lost') return undefined
  if (textOf(reply.sections, 'lock').trim() !== '') {
    reply = await agent.request(
      ['rollback', intent.set, owner.run, owner.who],
      rollbackBody(changes),
    )
    if (reply.kind === 'lost' || !textOf(reply.sections, 'result').startsWith('rolled-back')) {
      return undefined
    }
  }
  const before = readState(reply.sections)
  if (before.kind === 'unreadable') return undefined
  const plan = planHost(before.value, intent)
  if (plan.kind === 'refused') return undefined
  if (plan.changes.length === 0) {
    return { outcome: { kind: 'committed', left: plan.notes.join('; ') }, fault: undefined }
  }
  const again = { ...participant, agent, before: before.value, changes: plan.changes }
  const { fault, touched } = await applyOn(again, owner)
  if (!fault) return ask(agent, participant, owner)
  return touched ? unsure({ ...fault, step: 'commit' }) : undefined
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
