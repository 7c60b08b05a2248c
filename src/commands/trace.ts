import { FwRunError } from '../errors.ts'
import { arrivingPacket } from '../flow/arrival.ts'
import { forwarding } from '../flow/forwarding.ts'
import { jsonOfTrace, renderTrace } from '../report/trace.ts'
import { withOpenHosts } from '../stages/open-cluster.ts'
import { readHost } from '../stages/read-host.ts'
import { selectHost } from '../stages/select-hosts.ts'
import { reportRun } from '../stages/summarize.ts'
import { demandInterfaces, lookUpRoute, worldOf } from '../stages/surroundings.ts'
import type { Command } from './command.ts'
import { runResult } from './rendered-run.ts'

/** `fw-run trace`: walks one packet through the chains of one host and tells which rules decide. Writes nothing. */
export const trace: Command = async (settings, run) => {
  if (!settings.trace) throw new FwRunError('usage', 'trace needs a host and a packet.')
  const { host, arrival } = settings.trace
  const selection = await selectHost(settings, run, host)
  return withOpenHosts(selection, settings, run, async (cluster) => {
    const read = cluster.opened.map(readHost)
    const [{ facts, state } = {}] = read.flatMap((one) => (one.kind === 'read' ? one : []))
    if (!facts || !state) {
      const failed = read.flatMap((one) => (one.kind === 'failed' ? one.host : []))
      const report = reportRun(run, cluster, failed, { diff: false })
      return runResult({ ...report, leftOut: [] }, settings)
    }
    demandInterfaces(host, facts, [arrival.in, arrival.out])
    const report = {
      host,
      arrival,
      forwarding: forwarding(
        state.ruleset,
        arrivingPacket(arrival),
        worldOf(facts, state),
        lookUpRoute(facts),
      ),
    }
    return {
      exitCode: 0,
      text: ({ paint }) => renderTrace(report, paint),
      json: jsonOfTrace(report),
    }
  })
}
