import type { Agent, AgentProcess, CommitAnswer, Lost } from '../agent/agent.ts'
import { FwRunError, messageOf } from '../errors.ts'
import { readState } from '../facts/state.ts'
import { leftovers, planHost } from '../plan/plan.ts'
import { applyOn } from './apply.ts'
import { keepTrying } from './keep-trying.ts'
import type { HostFault, HostOutcome } from './outcome.ts'
import type { Participant, Terms } from './participant.ts'

/** How committing came out on one host. */
export interface Committed {
  readonly outcome: HostOutcome
  readonly fault: HostFault | undefined
}

/** What came of telling a host to commit. */
export type CommitReply = CommitAnswer | Lost

/** A later run has decided about a host that had rolled back meanwhile: its word counts there. */
interface Overtaken {
  readonly kind: 'overtaken'
  readonly by: string
}

/**
 * Waits until a host that was told to commit answers. If the message or its answer is lost, or the host has rolled
 * back, new sessions bring it forward. They try for `patience` milliseconds at most. The decision is made, so there is
 * no way back.
 */
export async function commitOn(
  participant: Participant,
  answer: Promise<CommitReply>,
  { patience, ...terms }: Terms,
): Promise<Committed> {
  const first = await answer
  if (first.kind === 'committed') return committed(first)
  const making: Making = { begun: false, session: undefined }
  let told: CommitReply | Overtaken = first
  const last = await keepTrying<CommitReply | Overtaken>(
    async () => {
      const agent = await participant.reopen()
      if ('unreachable' in agent) return told
      told = await bringForward(agent, participant, { ...terms, making })
      agent.end()
      return told
    },
    ({ kind }) => kind === 'committed' || kind === 'overtaken',
    patience,
  )
  if (last.kind === 'overtaken') return overtakenBy(last)
  return last.kind === 'committed' ? committed(last) : unconfirmed(last)
}

/** Whether the change is being made again, and by which session. It ends when the change is seen to be whole. */
interface Making {
  begun: boolean
  session: AgentProcess | undefined
}

/**
 * Commits what is not committed yet on a host, even if a silent session holds it. If the host has rolled back, or is just doing
 * so, it is read and changed again, unless a later run has decided about it: it was free meanwhile. If that was begun and did not end, nobody may commit it: it is rolled back first.
 * Gives back what the host says at last; unless it is `committed` or `overtaken`, another try may help.
 */
async function bringForward(
  agent: Agent,
  participant: Participant,
  {
    owner,
    lease,
    overtaken,
    making,
  }: Pick<Terms, 'owner' | 'lease' | 'overtaken'> & { readonly making: Making },
): Promise<CommitReply | Overtaken> {
  const { set } = participant.intent
  if (!making.begun) {
    const late = await agent.commit(set, owner)
    // While the change is uncommitted there, only the commit may be tried again.
    if (late.kind === 'committed' || late.kind === 'failed') return late
  }
  const back = await agent.rollBack(set, owner, making.session)
  if (back.kind !== 'rolled-back') return back
  const read = await agent.facts(set, true)
  if (read.kind === 'lost') return read
  const before = readState(read.sections)
  if (before.kind !== 'read') return failed(`the rules cannot be read: ${before.reason}`)
  const plan = planHost(before.value, participant.intent)
  if (plan.kind === 'planned' && plan.changes.length === 0) {
    return { kind: 'committed', left: leftovers(before.value).join('; ') }
  }
  const over = await laterDecision(participant.host, overtaken)
  if (over?.kind === 'overtaken') return over
  if (plan.kind === 'refused') return failed(plan.reason)
  if (over) return over
  const again = { ...participant, agent, before: before.value, changes: plan.changes }
  Object.assign(making, { begun: true, session: agent.process() })
  const { fault } = await applyOn(again, owner, lease)
  if (fault?.kind === 'lost') {
    return { kind: 'lost', sent: true, unheard: false, reason: fault.reason }
  }
  if (fault) return failed(fault.reason)
  // Only now no other run can hold it.
  const since = await laterDecision(participant.host, overtaken)
  if (since) {
    await agent.rollBack(set, owner)
    return since
  }
  making.begun = false
  return agent.commit(set, owner)
}

/** Why a host may not be changed again: a later run has decided about it, or nobody knows. */
async function laterDecision(
  host: string,
  overtaken: Terms['overtaken'],
): Promise<CommitReply | Overtaken | undefined> {
  try {
    const by = await overtaken(host)
    return by === undefined ? undefined : { kind: 'overtaken', by }
  } catch (error) {
    const remedy = error instanceof FwRunError ? error.remedy : undefined
    return failed(remedy ? `${messageOf(error)} ${remedy}` : messageOf(error))
  }
}

function failed(reason: string): CommitReply {
  return { kind: 'failed', reason }
}

function committed({ left, unguarded }: Extract<CommitReply, { kind: 'committed' }>): Committed {
  if (!unguarded) return { outcome: { kind: 'committed', left }, fault: undefined }
  const reason = 'another program deleted the guard before the commit ended'
  return {
    fault: { step: 'commit', kind: 'failed', reason },
    outcome: {
      kind: 'incomplete',
      left: `${reason}, and the service of fw-run on this host did not bring it back. This host is not protected`,
      remedy: 'Run `fw-run apply` again: it makes the guard again.',
    },
  }
}

function overtakenBy({ by }: Overtaken): Committed {
  const reason = `the host had rolled its change back, and run ${by} has changed or checked it meanwhile`
  return {
    fault: { step: 'commit', kind: 'failed', reason },
    outcome: {
      kind: 'incomplete',
      left: `${reason}. So fw-run did not make the change there again`,
      remedy:
        '`fw-run status` shows the hosts. If they are not as you want them, run `fw-run apply` or `fw-run remove` on all of them. If they are, run `fw-run recover`: it finishes this run, and leaves this host as it is.',
    },
  }
}

/** The outcome of a host that was told to commit and did not confirm it. */
export function unconfirmed(reply: Exclude<CommitReply, { kind: 'committed' }>): Committed {
  const kind = reply.kind === 'lost' ? 'lost' : 'failed'
  const reason = reasonOf(reply)
  return {
    fault: { step: 'commit', kind, reason },
    outcome: {
      kind: 'incomplete',
      unseen: true,
      left: `fw-run told all hosts to keep the change, but this host did not confirm: ${reason}`,
      remedy:
        kind === 'lost'
          ? 'Run `fw-run recover` when the host can be reached: it finishes the change.'
          : 'If the reason above names a fault, correct it. Then run `fw-run recover`: it finishes the change.',
    },
  }
}

function reasonOf(reply: Exclude<CommitReply, { kind: 'committed' }>): string {
  switch (reply.kind) {
    case 'lost':
    case 'failed':
      return reply.reason
    case 'rolling-back':
      return 'the host had already rolled its change back'
    case 'gone':
      return 'the host knows nothing of the change: it rolled back, or was rebooted'
  }
}
