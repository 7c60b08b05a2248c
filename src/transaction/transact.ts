import { FwRunError, messageOf } from '../errors.ts'
import { eitherSignal } from '../waiting/either-signal.ts'
import { unlessAborted } from '../waiting/unless-aborted.ts'
import type { Applied } from './apply.ts'
import { applyWhileOthersWrite } from './apply.ts'
import { commitAll, rollbackAll } from './ending.ts'
import { type Everywhere, everywhere } from './everywhere.ts'
import { keepLeases, type Leases } from './lease.ts'
import type { HostFault, HostOutcome, Objection, TransactionResult } from './outcome.ts'
import type { Participant, Terms } from './participant.ts'
import { unlessInterrupted } from './unless-interrupted.ts'

/** How a transaction is run: for whom, how many hosts at a time, who hears of it, and what interrupts it. Waves are numbered from 0. */
export interface TransactionOptions extends Terms, Everywhere {
  readonly signal: AbortSignal
  /** Writes down for good what a wave will change; called before each wave but the first, when its hosts were planned again. May reject. */
  readonly next: (wave: number) => Promise<void>
  /**
   * Asked when every host of a wave has verified: any objection rolls all hosts back. The signal is aborted when the answer
   * does not matter any more. `look` reads hosts again that have waited long; where one does not hold its change, it aborts the signal.
   */
  readonly object: (
    signal: AbortSignal,
    wave: number,
    look: () => Promise<void>,
  ) => Promise<readonly Objection[]>
  /** Writes down for good that all hosts will commit; called before the first is told. May reject; with an `interrupted` fault if Ctrl-C comes before the decision itself. */
  readonly decide: () => Promise<void>
}

/**
 * Changes all hosts, or none: one wave after the other, of which there is at least one. Goals, and how each is met:
 *  1. No host commits before all have verified. All hosts apply and are read back, then all commit. A wave begins when
 *     nothing speaks against those before it, which hold their changes. Time passes before a wave, so its hosts are planned again
 *     first; and so is a host that others write to.
 *  2. Before the decision, one fault, one objection or an interruption rolls back every host that may have been touched.
 *     Each is read again to see that it is as before. After the decision there is no way back.
 *  3. A lost request counts as carried out until the host has been read.
 *  4. Every host gets its outcome; nothing stops at the first fault. What our own work throws is a fault of that host.
 */
export async function transact(
  waves: readonly (readonly Participant[])[],
  options: TransactionOptions,
): Promise<TransactionResult> {
  const { signal, owner, lease, emit, atATime } = options
  let participants: readonly Participant[] = waves.flat()
  if (signal.aborted) return untouched('interrupted', participants)

  const leases = keepLeases(owner, lease, atATime.concurrency)
  const applied = new Map<Participant, Applied>()
  let objections: readonly Objection[] = []
  let reached = 0
  try {
    for (const [at, first] of waves.entries()) {
      reached = at + 1
      const of = waves.length
      const names = first.flatMap(({ host, changes }) => (changes.length > 0 ? [host] : []))
      if (of > 1) emit({ kind: 'wave-started', wave: reached, of, names })
      const take = (tried: ReadonlyMap<Participant, Applied>): void => {
        participants = participants.map((one) => tried.get(one)?.participant ?? one)
        for (const one of tried.values()) applied.set(one.participant, one)
      }
      let wave = first
      if (at > 0) {
        const { planned, unfit } = await planWave(first, leases, options)
        participants = participants.map((one) => planned.get(one) ?? one)
        take(unfit)
        if (spoiled(applied, leases, options)) break
        wave = first.map((one) => planned.get(one) ?? one)
        const stopped = await notWritten(() => options.next(at), `the plan of wave ${reached}`)
        if (stopped) {
          objections = stopped
          break
        }
      }
      take(await applyWave(wave, leases, options))
      const isLast = reached === of
      const found = await prove(at, applied, leases, options)
      if (found === 'fit' && !isLast) continue
      const stopped = found === 'fit' ? await notWritten(options.decide, 'the decision') : found
      if (stopped) {
        objections = stopped
        break
      }
      const hosts = await commitAll(participants, leases, options)
      return { kind: 'committed', hosts, objections, reached }
    }
    const faults = [...applied.values()].flatMap(({ fault }) => fault ?? [])
    const outcomes = await rollbackAll(participants, applied, leases, options)
    // If a host is not as before, that matters more than why it was rolled back.
    const clean = [...outcomes.values()].every(({ kind }) => kind !== 'incomplete')
    // What was changed on a host that held its change was changed once, and not again and again.
    const wasStale = ({ kind, step }: HostFault): boolean => kind === 'stale' && step !== 'hold'
    const onlyStale = faults.length > 0 && faults.every(wasStale) && clean
    return {
      kind: signal.aborted ? 'interrupted' : onlyStale ? 'stale' : 'rolled-back',
      hosts: participants.map((participant) => ({
        host: participant.host,
        outcome: outcomes.get(participant) ?? early(applied.get(participant)),
        fault: applied.get(participant)?.fault,
      })),
      objections,
      reached,
    }
  } finally {
    leases.endAll()
  }
}

/**
 * Reads all hosts of a wave again, checks and plans them: as they are planned now, and those that are not ready any more. A host
 * that was not read has no entry: another has a fault, or the run is interrupted.
 */
async function planWave(
  wave: readonly Participant[],
  leases: Leases,
  options: TransactionOptions,
): Promise<{
  readonly planned: ReadonlyMap<Participant, Participant>
  readonly unfit: ReadonlyMap<Participant, Applied>
}> {
  let faulty = false
  const unready = (participant: Participant, plan: Pick<HostFault, 'kind' | 'reason'>) => {
    faulty = true
    const fault: HostFault = { step: 'apply', ...plan }
    return [{ participant, state: 'untouched', fault } satisfies Applied, fault] as const
  }
  const found = await everywhere<Participant, Participant | Applied>(
    'preflight',
    wave,
    options,
    async (participant) => {
      if (faulty || isOver(leases, options)) return undefined
      const plan = await unlessInterrupted(participant, options, participant.planAgain)
      return 'reason' in plan
        ? unready(participant, plan)
        : [{ ...participant, ...plan }, undefined]
    },
    (participant, reason) => unready(participant, { kind: 'failed', reason }),
  )
  const planned = new Map<Participant, Participant>()
  const unfit = new Map<Participant, Applied>()
  for (const [one, now] of found) {
    if ('state' in now) unfit.set(one, now)
    else planned.set(one, now)
  }
  return { planned, unfit }
}

/** Whether nothing new may be begun: the run is interrupted, or a host does not hold its change any more. */
function isOver({ broken }: Leases, { signal }: Pick<TransactionOptions, 'signal'>): boolean {
  return signal.aborted || broken.aborted
}

/**
 * Applies on all hosts of a wave and verifies each, until one has a fault, a host of an earlier wave is lost, or the run is interrupted. What that came to, by
 * the participants as they were planned first; a host that was not begun has no entry.
 */
async function applyWave(
  wave: readonly Participant[],
  leases: Leases,
  options: TransactionOptions,
): Promise<ReadonlyMap<Participant, Applied>> {
  let faulty = false
  const over = (): boolean => faulty || isOver(leases, options)
  return everywhere<Participant, Applied>(
    'apply',
    wave,
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
}

/**
 * Whether all waves so far may stay for the next one, or for the decision. Else the objections; hosts that do not hold
 * their change any more get a fault in `applied`. Hosts that have waited long are read again for that.
 */
async function prove(
  at: number,
  applied: Map<Participant, Applied>,
  leases: Leases,
  options: TransactionOptions,
): Promise<'fit' | readonly Objection[]> {
  if (spoiled(applied, leases, options)) return []
  const stop = eitherSignal(options.signal, leases.broken)
  // A host that is silent must not keep the others from their rollback.
  const look = async (): Promise<void> =>
    stop.aborted ? undefined : void (await unlessAborted(leases.lapsed(), stop))
  const objections = await options.object(stop, at, look)
  if (objections.length === 0) await look()
  return spoiled(applied, leases, options) || objections.length > 0 ? objections : 'fit'
}

/** Whether the transaction cannot go on. Hosts that are known not to hold their change any more get a fault in `applied`. */
function spoiled(
  applied: Map<Participant, Applied>,
  leases: Leases,
  { signal }: Pick<TransactionOptions, 'signal'>,
): boolean {
  for (const [participant, { fault }] of applied) {
    noticeLoss(participant, applied)
    const lapse = leases.known.get(participant.host)
    if (!lapse || fault) continue
    const state = 'touched'
    applied.set(participant, { participant, state, fault: { step: 'hold', ...lapse } })
  }
  return signal.aborted || [...applied.values()].some(({ fault }) => fault)
}

/** Writes something down for good: then undefined. Else why that failed; with no objection if the run was interrupted before. */
async function notWritten(
  write: () => Promise<void>,
  what: string,
): Promise<readonly Objection[] | undefined> {
  try {
    await write()
    return undefined
  } catch (error) {
    const reason = messageOf(error)
    const code = error instanceof FwRunError ? error.code : undefined
    if (code === 'interrupted') return []
    if (code === 'inventory') return [{ kind: 'inventory', reason }]
    return [{ kind: 'journal', reason: `fw-run could not write ${what} to the journal: ${reason}` }]
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

/** The outcome of a host that was not rolled back with the others. */
function early(applied: Applied | undefined): HostOutcome {
  return { kind: applied?.state === 'rolled-back' ? 'rolled-back' : 'untouched' }
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
    reached: 0,
  }
}
