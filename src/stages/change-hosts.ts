import type { RunReport } from '../report/run-report.ts'
import { examineHosts, type IntentOf } from './examine.ts'
import type { OpenCluster } from './open-cluster.ts'
import { readAgain } from './open-hosts.ts'
import { tryBefore } from './proof/try-probes.ts'
import { reportRun } from './report-run.ts'
import type { Run } from './run.ts'
import type { RunSettings } from './settings.ts'
import { transactHosts } from './transact-hosts.ts'

/** How often a plan may go stale, because others write to FORWARD, before the run gives up. */
const tries = 3

/**
 * Tries the probes, checks and plans, and unless `check` says to stop there, changes all hosts or none, and ends what
 * dead runs left on them. A plan that has gone stale is made again from fresh facts.
 */
export async function changeHosts(
  cluster: OpenCluster,
  intentOf: IntentOf,
  settings: RunSettings & { readonly check: boolean; readonly diff: boolean },
  run: Run,
): Promise<RunReport> {
  const { check, diff } = settings
  const { opener } = cluster
  let { opened } = cluster
  const probes = await tryBefore(cluster.hosts, opener.timeout, run)
  for (let attempt = 1; ; attempt++) {
    const examined = await examineHosts(opened, intentOf, 'change', cluster.inventory, run)
    const planned = reportRun(run, cluster, examined, { diff, probes })
    const left = planned.kind === 'done' && opened.some(({ facts }) => facts?.unsettled)
    if (check || !(planned.kind === 'pending' || left)) return planned
    const done = await transactHosts({ hosts: examined, planned }, probes, opener, settings, run)
    if (done.transaction.kind !== 'stale' || attempt === tries) {
      return reportRun(run, cluster, examined, { diff, ...done })
    }
    opened = await readAgain(opened, run)
  }
}
