import { maxReplans } from '../limits.ts'
import { type Applied, applyOn } from './apply.ts'
import type { Leases } from './lease.ts'
import type { Participant, Terms } from './participant.ts'
import { takeBack } from './rollback.ts'

/**
 * Changes one host though others write to its rules: what has become stale there meanwhile is taken back, and the host is
 * read, checked and planned anew, while the rest of the cluster holds what it has. So the writers of one host cost the
 * others nothing. `over` says that another host or the user has ended it for all: nothing new is begun then, and nothing
 * is told of a host that was not changed.
 */
export async function applyWhileOthersWrite(
  first: Participant,
  leases: Leases,
  { owner, lease }: Terms,
  over: () => boolean,
): Promise<Applied | undefined> {
  let participant = first
  let state: 'untouched' | 'taken-back' = 'untouched'
  for (let attempt = 0; ; attempt++) {
    const current = participant
    const applied = await applyOn(current, owner, lease, () => leases.begin(current))
    if (applied.state === 'touched') {
      if (applied.fault?.kind !== 'stale' || attempt === maxReplans) return applied
      leases.end(current)
      // Where that comes to nothing it is tried again as for every host, while all the others are taken back.
      if ((await takeBack(current.agent, current, owner))?.kind !== 'rolled-back') return applied
      state = 'taken-back'
    } else if (applied.fault?.kind !== 'stale' || attempt === maxReplans) {
      return { ...applied, state }
    }
    const plan = over() ? undefined : await current.planAgain()
    if (!plan || over()) return state === 'taken-back' ? { ...applied, state } : undefined
    if ('reason' in plan) return { participant: current, state, fault: { step: 'apply', ...plan } }
    participant = { ...current, ...plan }
  }
}
