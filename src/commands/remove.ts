import { changeHosts } from '../stages/change-hosts.ts'
import { toRemove } from '../stages/examine.ts'
import { withOpenCluster } from '../stages/open-cluster.ts'
import type { Command } from './command.ts'
import { runResult } from './run-result.ts'

/** `fw-run remove`: takes rule, then set, off all hosts, or off none. */
export const remove: Command = (settings, run) =>
  withOpenCluster(settings, run, async (cluster) =>
    runResult(await changeHosts(cluster, toRemove, settings, run), settings),
  )
