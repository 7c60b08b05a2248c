import { exitCode } from '../outcomes/exit-code.ts'
import type { RunReport } from '../outcomes/run-report.ts'
import { examineHosts, type IntentOf } from './examine.ts'
import type { OpenCluster } from './open-cluster.ts'
import { takeIn } from './participants.ts'
import type { Run } from './run.ts'
import type { RunSettings } from './settings.ts'
import { reportRun } from './summarize.ts'
import { transactHosts } from './transact-hosts.ts'
import { tryBefore } from './try-probes.ts'
import { finishCovered } from './unfinished-runs.ts'

/**
 * Tries the probes, checks and plans, and unless `check` says to stop there, changes all hosts or none, and ends what
 * dead runs left on them. As soon as all are as they should be, the interrupted runs on them are settled.
 */
export async function changeHosts(
  cluster: OpenCluster,
  intentOf: IntentOf,
  settings: ChangeSettings,
  run: Run,
): Promise<RunReport> {
  const report = await bringAbout(cluster, intentOf, settings, run)
  return !settings.check && report.kind === 'done' && exitCode(report) === 0
    ? { ...report, unfinished: finishCovered(cluster, run) }
    : report
}

type ChangeSettings = RunSettings & { readonly check: boolean; readonly diff: boolean }

async function bringAbout(
  cluster: OpenCluster,
  intentOf: IntentOf,
  settings: ChangeSettings,
  run: Run,
): Promise<RunReport> {
  const { check, diff } = settings
  const { inventory, opened, opener } = cluster
  const probes = await tryBefore(cluster.hosts, opener.timeout, run)
  const hosts = await examineHosts(opened, intentOf, 'change', inventory, run)
  const report = reportRun(run, cluster, hosts, { diff, probes })
  const left = report.kind === 'done' && opened.some(({ facts }) => facts?.unfinished)
  if (check || !(report.kind === 'pending' || left)) return report
  const participants = await takeIn(hosts, cluster, intentOf, run)
  return transactHosts(cluster, participants, probes, settings, run)
}
