import { setTimeout as delay } from 'node:timers/promises'
import type { RunReport } from '../report/run-report.ts'
import { examineHosts, type IntentOf } from './examine.ts'
import type { OpenCluster } from './open-cluster.ts'
import { readAgain } from './open-hosts.ts'
import { reportRun } from './report-run.ts'
import type { Run } from './run.ts'

/**
 * Waits so many seconds after a change, for Felix to refresh its rules once (every 90 s up to 3.16, 180 s now), reads all
 * hosts again and tells whether the change still has its effect: `moved` if on any host it has not.
 */
export async function settle(
  report: RunReport,
  seconds: number,
  cluster: OpenCluster,
  intentOf: IntentOf,
  run: Run,
): Promise<RunReport> {
  if (report.kind !== 'done' || run.signal.aborted) return report
  run.emit({ kind: 'phase-started', phase: 'settle', hosts: cluster.opened.length })
  await delay(seconds * 1000, undefined, { signal: run.signal }).catch(() => undefined)
  run.emit({ kind: 'phase-ended', phase: 'settle' })
  if (run.signal.aborted) return report
  const opened = await readAgain(cluster.opened, run)
  const examined = await examineHosts(opened, intentOf, 'look', cluster.inventory, run)
  const now = reportRun(run, cluster, examined, report)
  return now.kind === 'done' ? report : { ...now, kind: 'moved' }
}
