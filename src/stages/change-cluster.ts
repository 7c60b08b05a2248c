import { exitCode } from '../outcomes/exit-code.ts'
import type { RunReport } from '../outcomes/run-report.ts'
import { summary } from '../report/run-summary.ts'
import { type End, keepJournal } from './keep-journal.ts'
import { type OpenCluster, selectCluster, withOpenHosts } from './open-cluster.ts'
import type { Run } from './run.ts'
import type { RunSettings } from './settings.ts'

/** Opens the hosts that a run may change, and keeps its journal unless `check` says that nothing will be changed. */
export async function changeCluster(
  settings: RunSettings & { readonly check: boolean },
  run: Run,
  work: (cluster: OpenCluster, run: Run) => Promise<RunReport>,
): Promise<RunReport> {
  const selection = await selectCluster(settings, run, !settings.check)
  const change = (kept: Run) =>
    withOpenHosts(selection, settings, kept, (cluster) => work(cluster, kept))
  if (settings.check) return change(run)
  return keepJournal(selection.hosts, settings, run, endOf, change)
}

function endOf(report: RunReport): End {
  const unsure = report.hosts.some(({ outcome }) => outcome?.kind === 'incomplete')
  return {
    outcome: report.kind,
    words: summary(report),
    exitCode: exitCode(report),
    finished: !unsure,
  }
}
