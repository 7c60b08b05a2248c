import { openCluster } from '../cluster/open-cluster.ts'
import { selectHosts } from '../cluster/select-hosts.ts'
import { chooseInterface } from '../stages/choose-interface.ts'
import { examineHosts } from '../stages/examine.ts'
import { toProtect } from '../stages/goal.ts'
import { reportOn } from '../stages/report.ts'
import { warnOfUnfinished } from '../stages/unfinished-runs.ts'
import type { Perform } from './command.ts'
import { resultOf } from './result.ts'

/** `fw-run status`: tells whether each host is protected as the inventory says, and how much was rejected so far. */
export const status: Perform = async (settings, run) => {
  const selected = await selectHosts(settings, run)
  const selection = await warnOfUnfinished(selected, run, false)
  await using cluster = await openCluster(selection, settings, run)
  const interfacesOf = await chooseInterface(cluster.opened, settings, run)
  const goal = toProtect(cluster.inventory, interfacesOf)
  const examined = await examineHosts(cluster, goal, 'look', run)
  const report = reportOn(examined, { diff: settings.diff }, run)
  return resultOf(report, settings)
}
