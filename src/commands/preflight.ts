import { chooseInterface } from '../stages/choose-interface.ts'
import { examineHosts, toProtect } from '../stages/examine.ts'
import { withOpenCluster } from '../stages/open-cluster.ts'
import { reportRun } from '../stages/summarize.ts'
import { tryBefore } from '../stages/try-probes.ts'
import type { Command } from './command.ts'
import { runResult } from './rendered-run.ts'

/** `fw-run preflight`: asks every check on every host and says what apply would do. Writes nothing anywhere. */
export const preflight: Command = (settings, run) =>
  withOpenCluster(settings, run, async (cluster) => {
    const { opened, opener, hosts, inventory } = cluster
    const interfacesOf = await chooseInterface(opened, settings, run)
    const intentOf = toProtect(inventory, interfacesOf)
    const probes = await tryBefore(hosts, opener.timeout, run)
    const examined = await examineHosts(opened, intentOf, 'change', inventory, run)
    const report = reportRun(run, cluster, examined, { diff: settings.diff, probes })
    const audited = report.kind === 'pending' || report.kind === 'done'
    return runResult(audited ? { ...report, kind: 'audited' } : report, settings)
  })
