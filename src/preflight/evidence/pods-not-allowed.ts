import { podNetworks } from '../../facts/pod-networks.ts'
import type { Route } from '../../facts/routes.ts'
import { closesIpv6, type EarlyIntent, memberSet } from '../../guard/intent.ts'
import { areMeant } from '../../inventory/interface-names.ts'
import { parseDual } from '../../ip/dual.ts'
import { isCoveredBy, uncovered } from '../../ip/dual-ranges.ts'
import { maxRoutesByNodes } from '../../limits.ts'
import type { Subject } from '../check.ts'

/** Networks to which routes lead by a guarded interface and a node, and from which the guard allows no packets. */
interface NotAllowed {
  /** Those that are known to be of pods, and those that may be of pods, or of a VPN of that node. */
  readonly ofPods: readonly Route[]
  readonly others: readonly Route[]
}

/** Where packets to a network take no tunnel, those from there take none either. So the guard stops pods that have addresses there. */
export function podsNotAllowed({ facts, state, intent }: Subject<EarlyIntent>): NotAllowed {
  const { network, interfaces, barePods, serviceCidrs } = intent
  const members = memberSet(intent.members)
  const six = closesIpv6(intent) ? facts.ipv6.routes : []
  const byNodes = [...network.routes, ...six].filter(
    ({ kind, via = '', device = '' }) =>
      kind === 'unicast' && members.has(via) && areMeant(interfaces, device),
  )
  const stopped = new Set(
    uncovered(
      byNodes.map(({ cidr }) => cidr),
      [...barePods, ...serviceCidrs],
    ),
  )
  const notAllowed = byNodes.filter(({ cidr }) => stopped.has(cidr)).slice(0, maxRoutesByNodes)
  if (notAllowed.length === 0) return { ofPods: [], others: [] }
  const further = leadingFurther(notAllowed, intent)
  const routes = notAllowed.filter((route) => !further(route))
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
function leadingFurther(
  routes: readonly Route[],
  { members, podCidrs }: EarlyIntent,
): (route: Route) => boolean {
  const narrow = routes.map(({ cidr }) => cidr).filter((cidr) => parseDual(cidr)?.length !== 0)
  const inside = [...members, ...podCidrs]
  const outside = new Set(uncovered(inside, narrow))
  const nodesAndPods = inside.filter((one) => !outside.has(one))
  return ({ cidr }) =>
    !narrow.includes(cidr) || nodesAndPods.some((one) => isCoveredBy(one, [cidr]))
}
