import { changeHosts } from '../stages/change-hosts.ts'
import { chooseInterface } from '../stages/choose-interface.ts'
import { toProtect } from '../stages/examine.ts'
import { withOpenCluster } from '../stages/open-cluster.ts'
import { settle } from '../stages/settle.ts'
import type { Command } from './command.ts'
import { runResult } from './run-result.ts'

/** `fw-run apply`: protects all hosts as the inventory says, or changes none. */
export const apply: Command = (settings, run) =>
  withOpenCluster(settings, run, async (cluster) => {
    const interfacesOf = await chooseInterface(cluster.opened, settings, run)
    const intentOf = toProtect(cluster.inventory, interfacesOf)
    const report = await changeHosts(cluster, intentOf, settings, run)
    const settled =
      settings.settle === undefined
        ? report
        : await settle(report, settings.settle, cluster, intentOf, run)
    return runResult(settled, settings)
  })
