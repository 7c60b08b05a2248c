import { isSame, type KnownHost } from '../../../journal/known-host.ts'
import { decidedAfter } from '../../../runs/decided-runs.ts'
import type { Run } from '../../../runs/run.ts'
import type { Terms } from '../../../transaction/participant.ts'
import { sharedLooks } from '../../../waiting/shared-looks.ts'

/** Says of one of these hosts, by its name, which run has decided about it after this run did, or may have. */
export function decidedSince(hosts: readonly KnownHost[], run: Run): Terms['overtaken'] {
  // Many hosts may ask at once, and all journals are read for it.
  const look = sharedLooks(() => decidedAfter(run))
  return async (name) => {
    const later = await look()
    const host = hosts.find((one) => one.name === name)
    return later.find((one) => one.hosts.some((its) => host && isSame(its, host)))?.id
  }
}
