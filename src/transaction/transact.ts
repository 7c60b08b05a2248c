import type { LimitFunction } from 'p-limit'
import type { Emit, Phase } from '../events.ts'
import type { Applied } from './apply.ts'
import { applyWhileOthersWrite } from './apply-again.ts'
import { askToCommit, commitOn } from './commit.ts'
import { keepLeases, type Leases } from './lease.ts'
import type { HostFault, HostOutcome, HostResult, Objection, TransactionResult } from './outcome.ts'
import type { Participant, Terms } from './participant.ts'
import { rollbackOn } from './rollback.ts'

/** How a transaction is run: by whom, how many hosts at a time, whom it tells, and what interrupts it. */
export interface TransactionOptions extends Terms {
  readonly limit: LimitFunction
  readonly emit: Emit
  readonly signal: AbortSignal
  /** Asked once every host has verified: any objection rolls all back. The signal says that an answer is not needed. */
  readonly object: (signal: AbortSignal) => Promise<readonly Objection[]>
  /** Writes down, for good, that all hosts will keep the change; called before the first is told. May reject. */
  readonly decide: () => Promise<void>
}

/**
 * Changes all hosts, or none. Goals, and how each is met:
 *  1. Apply everywhere, reading each host back, then commit everywhere: no host commits before all have verified. A host
 *     that others write to is planned again while the rest holds.
 *  2. One host's fault, or an interruption before the first commit, rolls back every host that may have been touched,
 *     and looks that each is as before.
 *  3. A lost request counts as carried out until the host has been read.
 *  4. Every host gets its outcome; nothing stops at the first fault.
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
    const tried = await everywhere('apply', planned, options, async (participant) => {
      if (over()) return undefined
      const result = await applyWhileOthersWrite(participant, leases, options, over)
      if (!result) return undefined
      faulty ||= result.fault !== undefined
      if (result.state === 'touched') leases.begin(result.participant)
      return [result, result.fault]
    })
    const applied = new Map([...tried.values()].map((one) => [one.participant, one]))
    const participants = planned.map((one) => tried.get(one)?.participant ?? one)
    const objections = await decide(applied, participants, leases, options)
    if (objections === 'decided') return await commitAll(participants, leases, options)
    const faults = [...applied.values()].flatMap(({ fault }) => fault ?? [])
    const outcomes = await rollbackAll(participants, applied, leases, options)
    // Where something is left, that is what matters.
    const clean = [...outcomes.values()].every(({ kind }) => kind === 'rolled-back')
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
 * Decides to keep a change that every host has made and verified, and writes that down, unless something speaks against
 * it: hosts that were lost since are noted in `applied`, everything else comes back.
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
  const objections = await options.object(AbortSignal.any([signal, leases.broken]))
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
    const reason = error instanceof Error ? error.message : String(error)
    return [{ kind: 'journal', reason: `the decision could not be written down: ${reason}` }]
  }
}

/** A session that ended after its host had answered: the host is taking its change back, so none may be kept. */
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
  // All are told at once, however few are worked on at a time: that keeps the moment short in which they differ.
  const answers = participants.map((participant) => {
    leases.end(participant)
    return [participant, askToCommit(participant, options.owner)] as const
  })
  const asked = new Map(answers)
  const results = await everywhere('commit', participants, options, async (participant) => {
    const { host } = participant
    const answer = asked.get(participant) ?? askToCommit(participant, options.owner)
    const { outcome, fault } = await commitOn(participant, answer, options)
    const result: HostResult = { host, outcome: ofHeld(participant, outcome), fault }
    return [result, fault]
  })
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
  return everywhere('rollback', touched, options, async (participant) => {
    leases.end(participant)
    const { outcome, told, unheard } = await rollbackOn(participant, options)
    const before = applied.get(participant)
    if (told !== undefined && before?.fault) {
      const reason = `${before.fault.reason}; the host tells: ${told}`
      const kind = unheard ? 'unheard' : before.fault.kind
      applied.set(participant, { ...before, fault: { ...before.fault, kind, reason } })
    }
    const left = outcome.kind === 'incomplete' ? { reason: outcome.left } : undefined
    return [ofHeld(participant, outcome), left]
  })
}

/** How a host came out that did not wait for the others to be taken back. */
function early(applied: Applied | undefined): HostOutcome {
  return { kind: applied?.state === 'taken-back' ? 'rolled-back' : 'untouched' }
}

/** A host that was only held, because it had nothing to change, came out as it went in. */
function ofHeld({ changes }: Participant, outcome: HostOutcome): HostOutcome {
  if (changes.length > 0 || outcome.kind === 'incomplete') return outcome
  return { ...outcome, kind: 'untouched' }
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
  const names = participants.map(({ host }) => host)
  emit({ kind: 'phase-started', phase, hosts: names.length, names })
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
    hosts: participants.map(({ host }) => ({
      host,
      outcome: { kind: 'untouched' },
      fault: undefined,
    })),
    objections: [],
  }
}
