import { openCluster } from '../cluster/open-cluster.ts'
import { type OpenedHost, readHostAgain } from '../cluster/open-hosts.ts'
import { selectHost } from '../cluster/select-hosts.ts'
import { FwRunError } from '../errors.ts'
import { jsonOfTrace, renderTrace } from '../report/trace.ts'
import { reportOn } from '../stages/report.ts'
import { tracePacket } from '../stages/trace-packet.ts'
import type { Perform } from './command.ts'
import { resultOf } from './result.ts'

/** `fw-run trace`: follows one packet through the rules of one host and tells which of them decide. Changes nothing. */
export const trace: Perform = async (settings, run) => {
  if (!settings.trace) throw new FwRunError('usage', 'trace needs a host and a packet.')
  const { host, arrival } = settings.trace
  const selection = await selectHost(host, settings, run)
  await using cluster = await openCluster(selection, settings, run)
  const [traced] = await Promise.all(
    cluster.opened.map(async (one) => tracePacket(await readWhole(one), arrival)),
  )
  if (traced?.kind === 'traced') {
    const { report } = traced
    return {
      exitCode: 0,
      text: ({ paint }) => renderTrace(report, paint),
      json: () => jsonOfTrace(report),
    }
  }
  const examined = traced ? [traced.host] : []
  const asked = { ...cluster, purpose: 'look', goal: { kind: 'protect' }, examined } as const
  const report = reportOn(asked, { diff: false }, run)
  return resultOf({ ...report, leftOut: [] }, settings, run)
}

/** A host with all its rules, where a large one leaves out some. */
async function readWhole(one: OpenedHost): Promise<OpenedHost> {
  const { facts, host } = one
  if (facts?.tools.backend !== 'legacy' || facts.state.kind !== 'read') return one
  const cut = host.settings.guard !== 'forward' || (facts.state.value.leftOut ?? []).length > 0
  return cut ? readHostAgain(one, true) : one
}
