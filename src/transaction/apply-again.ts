import { maxReplans } from '../limits.ts'
import { type Applied, applyOn } from './apply.ts'
import { attempt } from './attempt.ts'
import type { Leases } from './lease.ts'
import type { Participant, Terms } from './participant.ts'
import { rollBack } from './rollback.ts'

/**
 * Changes one host although others write to its rules. If they wrote meanwhile, the host is rolled back, read, checked and
 * planned again, while the other hosts hold their changes. So writers on one host cost the others nothing. `over` says that
 * another host or the user has ended the transaction: then nothing new is begun. Undefined for a host that was not changed
 * for that reason. Never rejects.
 */
export async function applyWhileOthersWrite(
  first: Participant,
  leases: Leases,
  { owner, lease }: Terms,
  over: () => boolean,
): Promise<Applied | undefined> {
  let participant = first
  let state: 'untouched' | 'rolled-back' = 'untouched'
  for (let replans = 0; ; replans++) {
    const current = participant
    const applied = await attempt<Applied>(
      () => applyOn(current, owner, lease, () => leases.begin(current)),
      // Nobody knows how far it came.
      (reason) => ({ ...failed(current, reason), state: 'touched' }),
    )
    if (applied.state === 'touched') {
      if (applied.fault?.kind !== 'stale' || replans === maxReplans) return applied
      leases.end(current)
      // If that fails, it is tried again when all hosts are rolled back.
      const outcome = await attempt(
        () => rollBack(current.agent, current, owner),
        () => undefined,
      )
      if (outcome?.kind !== 'rolled-back') return applied
      state = 'rolled-back'
    } else if (applied.fault?.kind !== 'stale' || replans === maxReplans) {
      return { ...applied, state }
    }
    const plan = over()
      ? undefined
      : await attempt<Awaited<ReturnType<Participant['planAgain']>>>(
          () => current.planAgain(),
          (reason) => ({ kind: 'failed', reason }),
        )
    if (!plan || over()) return state === 'rolled-back' ? { ...applied, state } : undefined
    if ('reason' in plan) return { participant: current, state, fault: { step: 'apply', ...plan } }
    participant = { ...current, ...plan }
  }
}

function failed(participant: Participant, reason: string): Omit<Applied, 'state'> {
  return { participant, fault: { step: 'apply', kind: 'failed', reason } }
}
