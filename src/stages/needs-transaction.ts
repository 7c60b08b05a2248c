import type { RunReport } from '../outcomes/run-report.ts'
import type { ExaminedCluster } from './examine.ts'

/**
 * Whether hosts are now to be changed: not with `--check`, not if a check or a probe refuses, and not if all is as wanted
 * already. What a dead run has left on a host is cleared away by a transaction as well.
 */
export function needsTransaction(
  found: RunReport,
  { opened }: Pick<ExaminedCluster, 'opened'>,
  { check }: { readonly check: boolean },
): boolean {
  if (check) return false
  if (found.kind === 'pending') return true
  return found.kind === 'done' && opened.some(({ facts }) => facts?.unfinished !== undefined)
}
