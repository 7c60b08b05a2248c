import { type Applied, applyOn } from './apply.ts'
import type { Leases } from './lease.ts'
import type { Participant, Terms } from './participant.ts'
import { rollbackOn } from './rollback.ts'

/** How often a host is planned again because others wrote to its rules. */
const again = 10

/**
 * Changes one host though others write to its rules: what has become stale there meanwhile is taken back, and the host is
 * read, checked and planned anew, while the rest of the cluster holds what it has. So the writers of one host cost the
 * others nothing. `over` says that another host or the user has ended it for all.
 */
export async function applyWhileOthersWrite(
  first: Participant,
  leases: Leases,
  terms: Terms,
  over: () => boolean,
): Promise<Applied> {
  const { owner, lease } = terms
  let participant = first
  for (let attempt = 0; ; attempt++) {
    const current = participant
    const applied = await applyOn(current, owner, lease, () => leases.begin(current))
    if (applied.fault?.kind !== 'stale' || attempt === again) return applied
    if (applied.touched) {
      leases.end(current)
      const { outcome } = await rollbackOn(current, terms)
      if (outcome.kind !== 'rolled-back') return applied
    }
    const untouched = { participant: current, touched: false }
    if (over()) return { ...untouched, fault: undefined }
    const plan = await current.planAgain()
    if ('reason' in plan) return { ...untouched, fault: { step: 'apply', ...plan } }
    participant = { ...current, ...plan }
  }
}
