import { maxReplans } from '../limits.ts'
import { type Applied, applyOn } from './apply.ts'
import type { Leases } from './lease.ts'
import type { Participant, Terms } from './participant.ts'
import { rollBack } from './rollback.ts'

/**
 * Changes one host although others write to its rules. If they wrote meanwhile, the host is rolled back, read, checked and
 * planned again, while the other hosts hold their changes. So writers on one host cost the others nothing. `over` says that
 * another host or the user has ended the transaction: then nothing new is begun. Undefined for a host that was not changed
 * for that reason.
 */
export async function applyWhileOthersWrite(
  first: Participant,
  leases: Leases,
  { owner, lease }: Terms,
  over: () => boolean,
): Promise<Applied | undefined> {
  let participant = first
  let state: 'untouched' | 'rolled-back' = 'untouched'
  for (let attempt = 0; ; attempt++) {
    const current = participant
    const applied = await applyOn(current, owner, lease, () => leases.begin(current))
    if (applied.state === 'touched') {
      if (applied.fault?.kind !== 'stale' || attempt === maxReplans) return applied
      leases.end(current)
      // If that fails, it is tried again when all hosts are rolled back.
      if ((await rollBack(current.agent, current, owner))?.kind !== 'rolled-back') return applied
      state = 'rolled-back'
    } else if (applied.fault?.kind !== 'stale' || attempt === maxReplans) {
      return { ...applied, state }
    }
    const plan = over() ? undefined : await current.planAgain()
    if (!plan || over()) return state === 'rolled-back' ? { ...applied, state } : undefined
    if ('reason' in plan) return { participant: current, state, fault: { step: 'apply', ...plan } }
    participant = { ...current, ...plan }
  }
}
