import { openCluster } from '../cluster/open-cluster.ts'
import { selectHosts } from '../cluster/select-hosts.ts'
import { chooseInterface } from '../stages/choose-interface.ts'
import { examineHosts } from '../stages/examine.ts'
import { toProtect } from '../stages/goal.ts'
import { reportOn } from '../stages/report.ts'
import { tryBefore } from '../stages/try-probes.ts'
import { warnOfUnfinished } from '../stages/unfinished-runs.ts'
import type { Perform } from './command.ts'
import { resultOf } from './result.ts'

/** `fw-run preflight`: runs every check on every host and tells what apply would do. Changes nothing. */
export const preflight: Perform = async (settings, run) => {
  const selected = await selectHosts(settings, run)
  const selection = await warnOfUnfinished(selected, run, false)
  await using cluster = await openCluster(selection, settings, run)
  const interfacesOf = await chooseInterface(cluster, settings, run)
  const probes = await tryBefore(cluster.hosts, settings.timeout, run)
  const goal = toProtect(cluster.inventory, interfacesOf, cluster.opened)
  const examined = await examineHosts(cluster, goal, 'audit', run)
  const report = reportOn(examined, { probes, diff: settings.diff }, run)
  return resultOf(report, settings, run)
}
