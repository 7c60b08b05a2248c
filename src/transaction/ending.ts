import { beginInTurns } from '../waiting/event-loop-turn.ts'
import type { Applied } from './apply.ts'
import { attempt } from './attempt.ts'
import { type CommitReply, type Committed, commitOn, unconfirmed } from './commit.ts'
import { type Everywhere, everywhere } from './everywhere.ts'
import type { Leases } from './lease.ts'
import type { HostOutcome, HostResult } from './outcome.ts'
import type { Participant, Terms } from './participant.ts'
import { rollBack, rollbackOn, unseen } from './rollback.ts'

// The two ends of a transaction. Each gives every host its outcome.

/** What both need to know. */
type Ending = Terms & Everywhere

/** Tells all hosts to commit, and waits for each. There is no way back. */
export async function commitAll(
  participants: readonly Participant[],
  leases: Leases,
  options: Ending,
): Promise<readonly HostResult[]> {
  const told = await tellAll(participants, leases, ({ agent, intent }) =>
    attempt<CommitReply>(
      () => agent.commit(intent.set, options.owner),
      (reason) => ({ kind: 'failed', reason }),
    ),
  )
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
  const told = await tellAll(touched, leases, (participant) =>
    attempt<HostOutcome | undefined>(
      () => rollBack(participant.agent, participant, options.owner),
      unseen,
    ),
  )
  const results = await everywhere<Told<HostOutcome | undefined>, HostOutcome>(
    'rollback',
    told,
    options,
    async ({ participant, answer }) => {
      const { outcome, told: words } = await rollbackOn(participant, answer, options)
      const before = applied.get(participant)
      if (words && before?.fault) {
        const reason = `${before.fault.reason}; ${words.words}`
        const kind = words.unheard ? 'unheard' : before.fault.kind
        applied.set(participant, { ...before, fault: { ...before.fault, kind, reason } })
      }
      const left = outcome.kind === 'incomplete' ? { reason: outcome.left } : undefined
      return [ofHeld(participant, outcome), left]
    },
    (_, reason) => [unseen(reason), { reason }],
  )
  return new Map([...results].map(([{ participant }, outcome]) => [participant, outcome]))
}

/** A host that was told what to do, and its answer, which is still to come. */
interface Told<T> {
  readonly host: string
  readonly participant: Participant
  readonly answer: Promise<T>
}

/**
 * Tells all hosts at once, not some at a time that are waited for. So they differ for a short moment only, and no host keeps a bad change
 * because others are silent. Who is not told yet holds its change.
 */
function tellAll<T>(
  participants: readonly Participant[],
  leases: Leases,
  tell: (participant: Participant) => Promise<T>,
): Promise<readonly Told<T>[]> {
  return beginInTurns(participants, async (participant) => {
    leases.end(participant)
    return { host: participant.host, participant, answer: tell(participant) }
  })
}

/** The outcome of a host, which is `untouched` if it was only held: it had nothing to change. So `recover` knows nothing of it. */
function ofHeld({ changes }: Participant, outcome: HostOutcome): HostOutcome {
  if (changes.length > 0) return outcome
  if (outcome.kind !== 'incomplete') return { ...outcome, kind: 'untouched' }
  const remedy =
    'This run had nothing to change on this host. When the host can be reached, `fw-run status` shows whether it is as the inventory says.'
  return { ...outcome, remedy }
}
