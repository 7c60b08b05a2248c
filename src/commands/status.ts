import { chooseInterface } from '../stages/choose-interface.ts'
import { examineHosts, toProtect } from '../stages/examine.ts'
import { withOpenCluster } from '../stages/open-cluster.ts'
import { reportRun } from '../stages/summarize.ts'
import type { Command } from './command.ts'
import { runResult } from './rendered-run.ts'

/** `fw-run status`: whether each host is protected as the inventory says, and how much was turned away so far. */
export const status: Command = (settings, run) =>
  withOpenCluster(settings, run, async (cluster) => {
    const { opened, inventory } = cluster
    const interfacesOf = await chooseInterface(opened, settings, run)
    const intentOf = toProtect(inventory, interfacesOf)
    const examined = await examineHosts(opened, intentOf, 'look', inventory, run)
    return runResult(reportRun(run, cluster, examined, settings), settings)
  })
