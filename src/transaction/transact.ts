import type { LimitFunction } from 'p-limit'
import type { Emit, Phase } from '../events.ts'
import { type Applied, applyOn } from './apply.ts'
import { commitOn } from './commit.ts'
import type { HostOutcome, Objection, Settlement, TransactionResult } from './outcome.ts'
import type { Owner, Participant } from './participant.ts'
import { rollbackOn } from './rollback.ts'

/** How a transaction is run: by whom, how many hosts at a time, whom it tells, and what interrupts it. */
export interface TransactionOptions {
  readonly owner: Owner
  readonly limit: LimitFunction
  readonly emit: Emit
  readonly signal: AbortSignal
  /** Milliseconds that a host is tried for which did not confirm its commit. */
  readonly patience: number
  /** Seconds that a host keeps an uncommitted change without a sign of the runner. */
  readonly lease: number
  /** Asked once every host has verified: any objection rolls all back. The signal says that an answer is not needed. */
  readonly object: (signal: AbortSignal) => Promise<readonly Objection[]>
  /** Writes down, for good, that all hosts will keep the change; called before the first is told. May reject. */
  readonly decide: () => Promise<void>
}

/**
 * Changes all hosts, or none. Goals, and how each is met:
 *  1. Apply everywhere, reading each host back, then commit everywhere: no host commits before all have verified.
 *  2. One host's fault, or an interruption before the first commit, rolls back every host that may have been touched,
 *     and looks that each is as before.
 *  3. A lost request counts as carried out until the host has been read.
 *  4. Every host gets its settlement; nothing stops at the first fault.
 */
export async function transact(
  participants: readonly Participant[],
  options: TransactionOptions,
): Promise<TransactionResult> {
  const { signal, owner } = options
  if (signal.aborted) return untouched('interrupted', participants)

  let faulty = false
  const applied = await everywhere('apply', participants, options, async (participant) => {
    if (faulty || signal.aborted) return undefined
    const result = await applyOn(participant, owner)
    faulty ||= result.fault !== undefined
    return [result, result.fault]
  })
  for (const participant of participants) noticeLoss(participant, applied)
  const faults = [...applied.values()].flatMap(({ fault }) => fault ?? [])
  const objections = faults.length === 0 && !signal.aborted ? await options.object(signal) : []
  if (faults.length === 0 && !signal.aborted && objections.length === 0) {
    await options.decide()
    return commitAll(participants, options)
  }

  const outcomes = await rollbackAll(participants, applied, options)
  // Planning again would take what a failed rollback left for the state before.
  const clean = [...outcomes.values()].every(({ kind }) => kind === 'rolled-back')
  const onlyStale = faults.length > 0 && faults.every(({ kind }) => kind === 'stale') && clean
  return {
    kind: signal.aborted ? 'interrupted' : onlyStale ? 'stale' : 'rolled-back',
    settlements: participants.map((participant) => ({
      host: participant.host,
      outcome: outcomes.get(participant) ?? { kind: 'untouched' },
      fault: applied.get(participant)?.fault,
    })),
    objections,
  }
}

/** A session that ended after its host had answered: the host is taking its change back, so nobody may commit. */
function noticeLoss(participant: Participant, applied: Map<Participant, Applied>): void {
  const reason = participant.agent.lost()
  const result = applied.get(participant)
  if (reason === undefined || !result || result.fault) return
  applied.set(participant, { touched: true, fault: { step: 'apply', kind: 'lost', reason } })
}

async function commitAll(
  participants: readonly Participant[],
  options: TransactionOptions,
): Promise<TransactionResult> {
  const settlements = await everywhere('commit', participants, options, async (participant) => {
    const { host } = participant
    const { outcome, fault } = await commitOn(participant, options.owner, options.patience)
    const settlement: Settlement = { host, outcome, fault }
    return [settlement, fault]
  })
  return { kind: 'committed', settlements: [...settlements.values()], objections: [] }
}

async function rollbackAll(
  participants: readonly Participant[],
  applied: ReadonlyMap<Participant, Applied>,
  options: TransactionOptions,
): Promise<ReadonlyMap<Participant, HostOutcome>> {
  const touched = participants.filter((participant) => applied.get(participant)?.touched)
  return everywhere('rollback', touched, options, async (participant) => {
    const outcome = await rollbackOn(participant, options.owner)
    const left = outcome.kind === 'incomplete' ? { reason: outcome.left } : undefined
    return [outcome, left]
  })
}

/**
 * Does something on all participants at once and reports each; the rest is skipped where `work` gives nothing. The work
 * itself must never reject.
 */
async function everywhere<T>(
  phase: Phase,
  participants: readonly Participant[],
  { limit, emit }: TransactionOptions,
  work: (participant: Participant) => Promise<Work<T> | undefined>,
): Promise<Map<Participant, T>> {
  if (participants.length === 0) return new Map()
  emit({ kind: 'phase-started', phase, hosts: participants.length })
  const results = await Promise.all(
    participants.map((participant) =>
      limit(async () => {
        const done = await work(participant)
        if (!done) return []
        const [result, fault] = done
        const { host } = participant
        emit({ kind: 'host-done', phase, host, ok: !fault, ...(fault && { detail: fault.reason }) })
        return [[participant, result] as const]
      }),
    ),
  )
  emit({ kind: 'phase-ended', phase })
  return new Map(results.flat())
}

type Work<T> = [result: T, fault: { readonly reason: string } | undefined]

function untouched(
  kind: TransactionResult['kind'],
  participants: readonly Participant[],
): TransactionResult {
  return {
    kind,
    settlements: participants.map(({ host }) => ({
      host,
      outcome: { kind: 'untouched' },
      fault: undefined,
    })),
    objections: [],
  }
}
