import { demandSomebody } from '../stages/ask-to-keep.ts'
import { changeCluster } from '../stages/change-cluster.ts'
import { changeHosts } from '../stages/change-hosts.ts'
import { chooseInterface } from '../stages/choose-interface.ts'
import { toProtect } from '../stages/examine.ts'
import { watchRules } from '../stages/watch.ts'
import type { Command } from './command.ts'
import { runResult } from './rendered-run.ts'

/** `fw-run apply`: protects all hosts as the inventory says, or changes none. */
export const apply: Command = async (settings, begun) => {
  demandSomebody(settings)
  const report = await changeCluster(settings, begun, async (cluster, run) => {
    const interfacesOf = await chooseInterface(cluster.opened, settings, run)
    const intentOf = toProtect(cluster.inventory, interfacesOf)
    const changed = await changeHosts(cluster, intentOf, settings, run)
    if (settings.settle === undefined) return changed
    const { unfinished } = changed
    return watchRules(changed, settings.settle, { ...cluster, unfinished }, intentOf, run)
  })
  return runResult(report, settings)
}
