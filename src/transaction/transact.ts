import type { LimitFunction } from 'p-limit'
import type { Emit, Phase } from '../events.ts'
import { textOf } from '../facts/reading.ts'
import { type Applied, applyOn } from './apply.ts'
import type { HostFault, HostOutcome, Settlement, TransactionResult } from './outcome.ts'
import type { Owner, Participant } from './participant.ts'
import { rollbackOn } from './rollback.ts'

/** How a transaction is run: by whom, how many hosts at a time, whom it tells, and what interrupts it. */
export interface TransactionOptions {
  readonly owner: Owner
  readonly limit: LimitFunction
  readonly emit: Emit
  readonly signal: AbortSignal
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

  const applied = await everywhere('apply', participants, options, async (participant) => {
    const result = await applyOn(participant, owner)
    return [result, result.fault]
  })
  const faults = [...applied.values()].flatMap(({ fault }) => fault ?? [])
  if (faults.length === 0 && !signal.aborted) return commitAll(participants, options)

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
  }
}

async function commitAll(
  participants: readonly Participant[],
  options: TransactionOptions,
): Promise<TransactionResult> {
  const settlements = await everywhere('commit', participants, options, async (participant) => {
    const fault = await commitOn(participant, options.owner)
    const outcome: HostOutcome = fault ? uncertainCommit(fault) : { kind: 'committed' }
    const settlement: Settlement = { host: participant.host, outcome, fault }
    return [settlement, fault]
  })
  return { kind: 'committed', settlements: [...settlements.values()] }
}

async function commitOn(
  { agent, intent }: Participant,
  owner: Owner,
): Promise<HostFault | undefined> {
  const reply = await agent.request(['commit', intent.set, owner.run])
  if (reply.kind === 'lost') return { step: 'commit', kind: 'lost', reason: reply.reason }
  const word = textOf(reply.sections, 'result').split('\n').at(-1)
  if (word === 'committed') return undefined
  return { step: 'commit', kind: 'failed', reason: `the agent answered '${word ?? ''}'` }
}

function uncertainCommit({ reason }: HostFault): HostOutcome {
  return {
    kind: 'incomplete',
    left: `all hosts were told to keep the change, but this one did not confirm: ${reason}`,
    remedy: 'Run the same command again: it changes only what is not as it should be.',
  }
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

/** Does something on all participants at once and reports each; the work itself never rejects. */
async function everywhere<T>(
  phase: Phase,
  participants: readonly Participant[],
  { limit, emit }: TransactionOptions,
  work: (participant: Participant) => Promise<[result: T, fault: { reason: string } | undefined]>,
): Promise<ReadonlyMap<Participant, T>> {
  if (participants.length === 0) return new Map()
  emit({ kind: 'phase-started', phase, hosts: participants.length })
  const results = await Promise.all(
    participants.map((participant) =>
      limit(async () => {
        const [result, fault] = await work(participant)
        const { host } = participant
        emit({ kind: 'host-done', phase, host, ok: !fault, ...(fault && { detail: fault.reason }) })
        return [participant, result] as const
      }),
    ),
  )
  emit({ kind: 'phase-ended', phase })
  return new Map(results)
}

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
  }
}
