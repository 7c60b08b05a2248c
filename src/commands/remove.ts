import { demandSomebody } from '../stages/ask-to-keep.ts'
import { changeCluster } from '../stages/change-cluster.ts'
import { changeHosts } from '../stages/change-hosts.ts'
import { toRemove } from '../stages/examine.ts'
import type { Command } from './command.ts'
import { runResult } from './rendered-run.ts'

/** `fw-run remove`: takes rule, then set, off all hosts, or off none. */
export const remove: Command = async (settings, begun) => {
  demandSomebody(settings)
  const report = await changeCluster(settings, begun, (cluster, run) =>
    changeHosts(cluster, toRemove, settings, run),
  )
  return runResult(report, settings)
}
