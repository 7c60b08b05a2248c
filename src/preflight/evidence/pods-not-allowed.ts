import { podNetworks } from '../../facts/pod-networks.ts'
import type { Route } from '../../facts/routes.ts'
import { admitted, closesIpv6, type EarlyIntent, memberSet } from '../../guard/intent.ts'
import { areMeant } from '../../inventory/interface-names.ts'
import { parseDual } from '../../ip/dual.ts'
import { isCoveredBy, uncovered } from '../../ip/dual-ranges.ts'
import type { Subject } from '../check.ts'

/** Networks to which routes lead by a guarded interface and a node, and from which the guard allows no packets. */
interface NotAllowed {
  /** Those that are known to be of pods, and those that may be of pods, or of a VPN of that node. */
  readonly ofPods: readonly Route[]
  readonly others: readonly Route[]
}

/** Where packets to a network take no tunnel, those from there take none either. So the guard stops pods that have addresses there. */
export function podsNotAllowed({ facts, state, intent }: Subject<EarlyIntent>): NotAllowed {
  const { network, interfaces, serviceCidrs } = intent
  const members = memberSet(intent.members)
  const six = closesIpv6(intent) ? facts.ipv6.routes : []
  const byNodes = [...network.routes, ...six].filter(
    ({ kind, via = '', device = '' }) =>
      kind === 'unicast' && members.has(via) && areMeant(interfaces, device),
  )
  const stopped = new Set(
    uncovered(
      byNodes.map(({ cidr }) => cidr),
      [...admitted(intent), ...serviceCidrs],
    ),
  )
  const routes = byNodes.filter(({ cidr }) => stopped.has(cidr) && !leadsFurther(cidr, intent))
  const known = podNetworks(state, facts.flannelNetwork, network.routes)
  const unknown = new Set(
    uncovered(
      routes.map(({ cidr }) => cidr),
      known,
    ),
  )
  return {
    ofPods: routes.filter(({ cidr }) => !unknown.has(cidr)),
    others: routes.filter(({ cidr }) => unknown.has(cidr)),
  }
}

/** Whether a route is for more than pods of one node: the node is a router to everybody, to other nodes, or to all pods. */
function leadsFurther(cidr: string, { members, podCidrs }: EarlyIntent): boolean {
  return (
    parseDual(cidr)?.length === 0 ||
    uncovered(members, [cidr]).length < memberSet(members).size ||
    podCidrs.some((one) => isCoveredBy(one, [cidr]))
  )
}
