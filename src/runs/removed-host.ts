import { existsSync } from 'node:fs'
import { isSure, type PastHost, type PastRun } from '../journal/past-run.ts'

/**
 * Whether a past `hosts remove` was to take this host out of the inventory, its outcome is not known, and the old file
 * still leads to it. Such a host may have its guard, although the inventory does not have it any more.
 */
export function isStillRemoved(host: PastHost, { edit }: Pick<PastRun, 'edit'>): boolean {
  const { change, backup } = edit ?? {}
  return (
    change?.kind === 'remove' &&
    change.name === host.name &&
    !isSure(host) &&
    backup !== undefined &&
    existsSync(backup)
  )
}
