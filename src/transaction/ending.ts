import { beginInTurns } from '../waiting/event-loop-turn.ts'
import type { Applied } from './apply.ts'
import { attempt } from './attempt.ts'
import { type CommitReply, type Committed, commitOn, unconfirmed } from './commit.ts'
import { type Everywhere, everywhere } from './everywhere.ts'
import type { Leases } from './lease.ts'
import type { HostOutcome, HostResult } from './outcome.ts'
import type { Participant, Terms } from './participant.ts'
import { rollbackOn, unseen } from './rollback.ts'

// The two ends of a transaction. Each gives every host its outcome.

/** What both need to know. */
type Ending = Terms & Everywhere

/** Tells all hosts to commit, and waits for each. There is no way back. */
export async function commitAll(
  participants: readonly Participant[],
  leases: Leases,
  options: Ending,
): Promise<readonly HostResult[]> {
  // All are told at once, not some at a time that are waited for. So they differ for a short moment only. Who is not told yet
  // holds its change.
  const told = await beginInTurns(participants, async (participant) => {
    const { host, agent, intent } = participant
    leases.end(participant)
    const answer = attempt<CommitReply>(
      () => agent.commit(intent.set, options.owner),
      (reason) => ({ kind: 'failed', reason }),
    )
    return { host, participant, answer }
  })
  leases.endAll()
  const ended = (participant: Participant, { outcome, fault }: Committed) => {
    const { host } = participant
    const result: HostResult = { host, outcome: ofHeld(participant, outcome), fault }
    return [result, fault] as const
  }
  const results = await everywhere(
    'commit',
    told,
    options,
    async ({ participant, answer }) =>
      ended(participant, await commitOn(participant, answer, options)),
    ({ participant }, reason) => ended(participant, unconfirmed({ kind: 'failed', reason })),
  )
  return [...results.values()]
}

/** Rolls back all hosts that may have been touched. What a host had done by itself becomes part of its fault in `applied`. */
export async function rollbackAll(
  participants: readonly Participant[],
  applied: Map<Participant, Applied>,
  leases: Leases,
  options: Ending,
): Promise<ReadonlyMap<Participant, HostOutcome>> {
  const touched = participants.filter(
    (participant) => applied.get(participant)?.state === 'touched',
  )
  const rollBackOne = async (participant: Participant) => {
    leases.end(participant)
    const { outcome, told } = await rollbackOn(participant, options)
    const before = applied.get(participant)
    if (told && before?.fault) {
      const reason = `${before.fault.reason}; ${told.words}`
      const kind = told.unheard ? 'unheard' : before.fault.kind
      applied.set(participant, { ...before, fault: { ...before.fault, kind, reason } })
    }
    const left = outcome.kind === 'incomplete' ? { reason: outcome.left } : undefined
    return [ofHeld(participant, outcome), left] as const
  }
  return everywhere<Participant, HostOutcome>(
    'rollback',
    touched,
    options,
    rollBackOne,
    (_, reason) => [unseen(reason), { reason }],
  )
}

/** The outcome of a host, which is `untouched` if it was only held: it had nothing to change. */
function ofHeld({ changes }: Participant, outcome: HostOutcome): HostOutcome {
  if (changes.length > 0 || outcome.kind === 'incomplete') return outcome
  return { ...outcome, kind: 'untouched' }
}
