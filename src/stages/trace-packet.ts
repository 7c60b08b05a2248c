import type { OpenedHost } from '../cluster/open-hosts.ts'
import { FwRunError } from '../errors.ts'
import type { HostNetwork } from '../facts/host-network.ts'
import { isOfServices } from '../facts/inner-interface-names.ts'
import { lookUpRoute, worldOf } from '../facts/packet-world.ts'
import { type Arrival, arrivingPacket } from '../flow/arrival.ts'
import { forwarding } from '../flow/hooks.ts'
import { chainVerdict } from '../guard/chain-verdict.ts'
import { isOurs } from '../guard/nft-table.ts'
import { tableVerdict } from '../guard/table-verdict.ts'
import { preliminaryFindings } from '../preflight/preflight.ts'
import type { TraceReport } from '../report/trace.ts'
import { didYouMean } from '../text/suggestion.ts'
import type { ExaminedHost } from './examine.ts'

/** A packet and what becomes of it on a host, or what to report of a host that could not be read. */
export type Traced =
  | { readonly kind: 'traced'; readonly report: TraceReport }
  | { readonly kind: 'unreadable'; readonly host: ExaminedHost }

/** Follows a packet through the rules of an open host. A `usage` fault if the host lacks one of its interfaces. */
export function tracePacket(opened: OpenedHost, arrival: Arrival): Traced {
  const { facts } = opened
  if (!facts) return { kind: 'unreadable', host: { ...opened, examined: undefined } }
  const found = preliminaryFindings(facts, 'look', opened.host.settings.guard)
  const { state: read, network } = facts
  const failed = found.some(({ result }) => result.kind === 'fail')
  if (read.kind !== 'read' || network.kind !== 'read' || failed) {
    const findings = [...opened.findings, ...found]
    return { kind: 'unreadable', host: { ...opened, findings, examined: undefined } }
  }
  const host = opened.host.name
  demandInterfaces(host, network.value, [arrival.in, arrival.out])
  const world = worldOf(network.value, read.value)
  const route = lookUpRoute(network.value)
  const ends = forwarding(read.value.ruleset, arrivingPacket(arrival), world, route)
  const { table } = read.value
  const ofServices = network.value.interfaces.filter(({ name }) => isOfServices(name))
  const whole = opened.host.settings.guard === 'forward' || facts.tools.backend === 'legacy'
  return {
    kind: 'traced',
    report: {
      ...{ host, arrival, forwarding: ends, whole },
      services: ofServices.flatMap(({ addresses }) => addresses),
      table: table && isOurs(table) ? tableVerdict(table, arrival) : undefined,
      chain: chainVerdict(read.value, arrival),
    },
  }
}

/** Throws a `usage` fault for an interface that the host does not have. */
function demandInterfaces(
  host: string,
  { interfaces }: HostNetwork,
  wanted: readonly (string | undefined)[],
): void {
  const names = interfaces.map(({ name }) => name)
  for (const name of wanted) {
    if (name === undefined || names.includes(name)) continue
    const meant = didYouMean(name, names)
    throw new FwRunError('usage', `${host} has no interface ${name}.`, {
      host,
      remedy: meant ? `${host}: ${meant}` : `It has ${names.join(', ')}.`,
    })
  }
}
