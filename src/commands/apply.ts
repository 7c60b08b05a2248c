import { changeHosts } from '../stages/change-hosts.ts'
import { chooseInterface } from '../stages/choose-interface.ts'
import { toProtect } from '../stages/examine.ts'
import { withOpenCluster } from '../stages/open-cluster.ts'
import type { Command } from './command.ts'
import { runResult } from './run-result.ts'

/** `fw-run apply`: protects all hosts as the inventory says, or changes none. */
export const apply: Command = (settings, run) =>
  withOpenCluster(settings, run, async (cluster) => {
    const interfacesOf = await chooseInterface(cluster.opened, settings, run)
    const intentOf = toProtect(cluster.inventory, interfacesOf)
    return runResult(await changeHosts(cluster, intentOf, settings, run), settings)
  })
