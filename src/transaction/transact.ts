import type { LimitFunction } from 'p-limit'
import { FwRunError, messageOf } from '../errors.ts'
import type { Emit } from '../events.ts'
import { eitherSignal } from '../waiting/either-signal.ts'
import type { Applied } from './apply.ts'
import { applyWhileOthersWrite } from './apply-again.ts'
import { attempt } from './attempt.ts'
import { type CommitReply, type Committed, commitOn, unconfirmed } from './commit.ts'
import { everywhere } from './everywhere.ts'
import { keepLeases, type Leases } from './lease.ts'
import type { HostFault, HostOutcome, HostResult, Objection, TransactionResult } from './outcome.ts'
import type { Participant, Terms } from './participant.ts'
import { rollbackOn, unseen } from './rollback.ts'
import { unlessInterrupted } from './unless-interrupted.ts'

/** How a transaction is run: for whom, how many hosts at a time, who hears of it, and what interrupts it. */
export interface TransactionOptions extends Terms {
  readonly atATime: LimitFunction
  readonly emit: Emit
  readonly signal: AbortSignal
  /**
   * Asked when every host has verified: any objection rolls all hosts back. The signal is aborted when the answer does
   * not matter any more.
   */
  readonly object: (signal: AbortSignal) => Promise<readonly Objection[]>
  /** Writes down for good that all hosts will commit; called before the first is told. May reject. */
  readonly decide: () => Promise<void>
}

/**
 * Changes all hosts, or none. Goals, and how each is met:
 *  1. No host commits before all have verified. All hosts apply and are read back, then all commit. A host that others
 *     write to is planned again while the others hold their changes.
 *  2. Before the decision, one fault, one objection or an interruption rolls back every host that may have been touched.
 *     Each is read again to see that it is as before. After the decision there is no way back.
 *  3. A lost request counts as carried out until the host has been read.
 *  4. Every host gets its outcome; nothing stops at the first fault. What our own work throws is a fault of that host.
 */
export async function transact(
  planned: readonly Participant[],
  options: TransactionOptions,
): Promise<TransactionResult> {
  const { signal, owner, lease } = options
  if (signal.aborted) return untouched('interrupted', planned)

  const leases = keepLeases(owner, lease)
  try {
    let faulty = false
    const over = (): boolean => faulty || signal.aborted
    const tried = await everywhere<Participant, Applied>(
      'apply',
      planned,
      options,
      async (participant) => {
        if (over()) return undefined
        const result = await unlessInterrupted(participant, options, () =>
          applyWhileOthersWrite(participant, leases, options, over),
        )
        if (!result) return undefined
        faulty ||= result.fault !== undefined
        if (result.state === 'touched') leases.begin(result.participant)
        return [result, result.fault]
      },
      (participant, reason) => {
        faulty = true
        const fault: HostFault = { step: 'apply', kind: 'failed', reason }
        return [{ participant, state: 'touched', fault }, fault]
      },
    )
    const applied = new Map([...tried.values()].map((one) => [one.participant, one]))
    const participants = planned.map((one) => tried.get(one)?.participant ?? one)
    const objections = await decide(applied, participants, leases, options)
    if (objections === 'decided') return await commitAll(participants, leases, options)
    const faults = [...applied.values()].flatMap(({ fault }) => fault ?? [])
    const outcomes = await rollbackAll(participants, applied, leases, options)
    // If a host is not as before, that matters more than why it was rolled back.
    const clean = [...outcomes.values()].every(({ kind }) => kind !== 'incomplete')
    const onlyStale = faults.length > 0 && faults.every(({ kind }) => kind === 'stale') && clean
    return {
      kind: signal.aborted ? 'interrupted' : onlyStale ? 'stale' : 'rolled-back',
      hosts: participants.map((participant) => ({
        host: participant.host,
        outcome: outcomes.get(participant) ?? early(applied.get(participant)),
        fault: applied.get(participant)?.fault,
      })),
      objections,
    }
  } finally {
    leases.endAll()
  }
}

/**
 * Decides to keep the change, and writes that down, if every host has made and verified it and nothing speaks against it.
 * Else gives back the objections; hosts that do not hold their change any more get a fault in `applied`.
 */
async function decide(
  applied: Map<Participant, Applied>,
  participants: readonly Participant[],
  leases: Leases,
  options: TransactionOptions,
): Promise<'decided' | readonly Objection[]> {
  const { signal } = options
  const spoiled = (): boolean => {
    for (const participant of participants) noticeLoss(participant, applied)
    return signal.aborted || [...applied.values()].some(({ fault }) => fault)
  }
  if (spoiled()) return []
  const objections = await options.object(eitherSignal(signal, leases.broken))
  const lapsed = await leases.lapsed()
  for (const participant of participants) {
    const lapse = lapsed.get(participant.host)
    if (!lapse) continue
    const fault: HostFault = { step: 'hold', ...lapse }
    applied.set(participant, { participant, state: 'touched', fault })
  }
  if (spoiled() || objections.length > 0) return objections
  try {
    await options.decide()
    return 'decided'
  } catch (error) {
    const reason = messageOf(error)
    if (error instanceof FwRunError && error.code === 'inventory')
      return [{ kind: 'inventory', reason }]
    return [
      { kind: 'journal', reason: `fw-run could not write the decision to the journal: ${reason}` },
    ]
  }
}

/** Notes a session that ended after its host had answered: that host is rolling back, so no host may keep the change. */
function noticeLoss(participant: Participant, applied: Map<Participant, Applied>): void {
  const reason = participant.agent.lost()
  const result = applied.get(participant)
  if (reason === undefined || result?.state !== 'touched' || result.fault) return
  const fault: HostFault = { step: 'hold', kind: 'lost', reason }
  applied.set(participant, { participant, state: 'touched', fault })
}

async function commitAll(
  participants: readonly Participant[],
  leases: Leases,
  options: TransactionOptions,
): Promise<TransactionResult> {
  leases.endAll()
  // All are told at once, not some at a time. So they differ for a short moment only.
  const told = participants.map((participant) => {
    const { host, agent, intent } = participant
    const answer = attempt<CommitReply>(
      () => agent.commit(intent.set, options.owner),
      (reason) => ({ kind: 'failed', reason }),
    )
    return { host, participant, answer }
  })
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
  return { kind: 'committed', hosts: [...results.values()], objections: [] }
}

async function rollbackAll(
  participants: readonly Participant[],
  applied: Map<Participant, Applied>,
  leases: Leases,
  options: TransactionOptions,
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

/** The outcome of a host that was not rolled back with the others. */
function early(applied: Applied | undefined): HostOutcome {
  return { kind: applied?.state === 'rolled-back' ? 'rolled-back' : 'untouched' }
}

/** The outcome of a host, which is `untouched` if it was only held: it had nothing to change. */
function ofHeld({ changes }: Participant, outcome: HostOutcome): HostOutcome {
  if (changes.length > 0 || outcome.kind === 'incomplete') return outcome
  return { ...outcome, kind: 'untouched' }
}

function untouched(
  kind: TransactionResult['kind'],
  participants: readonly Participant[],
): TransactionResult {
  return {
    kind,
    hosts: participants.map(({ host }) => ({
      host,
      outcome: { kind: 'untouched' },
      fault: undefined,
    })),
    objections: [],
  }
}
