import type { HostFacts } from '../../../facts/host-facts.ts'
import { podRoutes } from '../../../facts/pod-routes.ts'
import { closedNetworks, type EarlyIntent } from '../../../guard/intent.ts'
import { areMeant } from '../../../inventory/interface-names.ts'
import { ofFamily, parseDual } from '../../../ip/dual.ts'
import { uncovered } from '../../../ip/dual-ranges.ts'
import { indexNetworks } from '../../../ip/network-index.ts'
import { onceFor, onceForLine } from '../../../memory/once-for.ts'
import {
  type CheckResult,
  type Doubt,
  type EarlyCheck,
  fail,
  type Subject,
  warnOf,
} from '../../check.ts'
import { forAllHosts, named } from '../../evidence/named-networks.ts'
import {
  correctOthers,
  guardedNetworks,
  type Nodes,
  nodesIn,
  ownNodes,
  setWithout,
} from '../../evidence/nodes-in-networks.ts'

/**
 * Whether the guard closes the addresses of pods that exist, and nothing that nodes need. It fails only for these. What may
 * be right as it is only gets a warning: nobody but the administrator knows what the rest of a network is for.
 */
export const closedNetworksCheck: EarlyCheck = {
  id: 'closed-networks',
  judge(subject) {
    const failure = wrongNetworks(subject)
    if (failure) return failure
    return warnOf(
      [insideSubnet, othersInSubnet, nodesWithoutIpv6].flatMap((doubt) => doubt(subject) ?? []),
    )
  },
}

/** Why the guard must not be made with these networks; undefined if it may. Two checks ask for it. */
export const wrongNetworks = onceFor(
  (subject: Subject<EarlyIntent>): CheckResult | undefined =>
    noNetwork(subject) ?? openPods(subject) ?? closedNodes(subject) ?? nodesOfOthers(subject),
)

function noNetwork({ intent }: Subject<EarlyIntent>): CheckResult | undefined {
  if (intent.podCidrs.length > 0) return undefined
  return fail(
    'fw-run found no pod network on this host',
    "Set fw_pod_cidrs in the inventory, for example ['10.42.0.0/16']. `kubectl cluster-info dump | grep -m1 cluster-cidr` shows it on most clusters.",
  )
}

/** Addresses of pods that are open. A route to pods is the only proof that there are some. */
function openPods({ host, facts, intent }: Subject<EarlyIntent>): CheckResult | undefined {
  const open = uncovered(routedToPods(facts, intent), closedNetworks(intent))
  if (open.length === 0) return undefined
  return fail(
    `pods have addresses that the guard does not close: ${named(open)}`,
    host.settings.podCidrs.length > 0
      ? 'Add their networks to fw_pod_cidrs in the inventory.'
      : `fw_pod_cidrs is not set, so the guard closes only what fw-run found on that host. Set fw_pod_cidrs for that host to ${JSON.stringify(intent.podCidrs)}, and add the networks of these pods to this list. ${forAllHosts}`,
  )
}

/** The networks to which routes lead by interfaces of pods. */
function routedToPods({ ipv6 }: HostFacts, { network }: EarlyIntent): readonly string[] {
  return podRoutes(network, ipv6).map(({ cidr }) => cidr)
}

/** Nodes in a closed network: outsiders, and often the jump host, could not reach them any more. */
function closedNodes(subject: Subject<EarlyIntent>): CheckResult | undefined {
  const { intent } = subject
  const { podCidrs, serviceCidrs } = intent
  const networks = [...podCidrs, ...serviceCidrs]
  const own = nodesHere(subject)
  const members = membersIn(intent.members)(networks.join(' '))
  const closed = nodesIn(networks, { ...own, addresses: [...own.addresses, ...members] })
  if (!closed) return undefined
  const nodes = { ...own, addresses: [...own.addresses, ...intent.members] }
  const [pods, services] = [
    setWithout('fw_pod_cidrs', podCidrs, nodes),
    setWithout('fw_service_cidrs', serviceCidrs, nodes),
  ]
  return fail(
    closingOf(closed),
    pods === undefined || services === undefined
      ? 'Correct fw_pod_cidrs and fw_service_cidrs: they must not contain addresses of nodes or networks of nodes. If fw_extra_members contains such an address, correct it there.'
      : [pods, services].filter((text) => text !== '').join(' '),
  )
}

/** The nodes of this host, with its IPv6 addresses. */
function nodesHere(subject: Subject<EarlyIntent>): Nodes {
  const { facts, intent } = subject
  const own = ownNodes(subject)
  const six = facts.ipv6.addresses.filter(({ device }) => areMeant(intent.interfaces, device))
  return { ...own, addresses: [...own.addresses, ...six.map(({ address }) => address)] }
}

/**
 * Nodes in the networks that other hosts name for their pods. The guard closes these networks here, too. It lets pods in that come
 * from there without a tunnel: then it would let in all machines beside these nodes. No check may have seen the host that names the
 * network: it can be outside of the run.
 */
function nodesOfOthers(subject: Subject<EarlyIntent>): CheckResult | undefined {
  const { host, intent } = subject
  const networks = [...intent.otherPods, ...intent.barePods]
  if (networks.length === 0) return undefined
  const own = nodesHere(subject)
  const further = new Set(host.settings.extraMembers)
  const others = closedBy(networks, intent.members).filter((one) => !further.has(one))
  const found = nodesIn(networks, { ...own, addresses: [...own.addresses, ...others] })
  if (!found) return undefined
  const [subnet] = found.subnets
  const inside = subnet
    ? `the network of ${subnet.device} (${subnet.cidr})`
    : `addresses of nodes: ${named(found.addresses)}`
  const sources = intent.barePods.filter((cidr) => nodesIn([cidr], found))
  return fail(
    `fw_pod_cidrs of other hosts contains ${inside}. So the guard would ${
      sources.length > 0
        ? `allow ${named(sources)} as sources: machines that are no nodes could reach pods`
        : 'close these addresses: outsiders could then not reach them'
    }`,
    correctOthers,
  )
}

function closingOf({ addresses, subnets }: Nodes): string {
  if (addresses.length === 0) {
    const [{ cidr, device = '' } = { cidr: '' }] = subnets
    return `the guard would close the network of ${device} (${cidr}): all machines in it, not only pods and services`
  }
  return `the guard would close addresses of nodes: ${named(addresses)}. Outsiders could then not reach these nodes. Perhaps this jump host could not reach them, either`
}

/**
 * Closed networks that are a part of the subnet of a guarded interface. Pods that have routes of their own are no machines of that
 * subnet; of the rest, the host cannot tell.
 */
function insideSubnet({ facts, intent }: Subject<EarlyIntent>): Doubt | undefined {
  const doubtful = withoutRoutes(
    [...intent.podCidrs, ...intent.serviceCidrs],
    routedToPods(facts, intent),
  )
  const part = partOfSubnet(doubtful, facts, intent)
  return (
    part && {
      reason: `the guard closes a part of the network of ${part.of}: ${part.networks}`,
      remedy:
        'If machines or load balancers have addresses in this part, correct fw_pod_cidrs and fw_service_cidrs. If only pods or services have such addresses, add closed-networks to fw_accept.',
    }
  )
}

/** The same of the pod networks of other hosts. Any route shows that pods are there. */
function othersInSubnet({ facts, intent }: Subject<EarlyIntent>): Doubt | undefined {
  const routes = [...intent.network.routes, ...facts.ipv6.routes].map(({ cidr }) => cidr)
  const part = partOfSubnet(withoutRoutes(intent.otherPods, routes), facts, intent)
  return (
    part && {
      reason: `the guard closes a part of the network of ${part.of}, because fw_pod_cidrs of other hosts contains it: ${part.networks}`,
      remedy:
        'If machines have addresses in this part, correct fw_pod_cidrs of the other hosts. If only pods have such addresses, add closed-networks to fw_accept.',
    }
  )
}

/** Those networks in which no route lies. Thousands of hosts may each name one, and have a route to each. */
function withoutRoutes(networks: readonly string[], routes: readonly string[]): readonly string[] {
  const index = indexNetworks(routes.flatMap((cidr) => parseDual(cidr) ?? []))
  return networks.filter((cidr) => {
    const network = parseDual(cidr)
    return network !== undefined && index.within(network).length === 0
  })
}

function partOfSubnet(
  networks: readonly string[],
  { ipv6 }: HostFacts,
  intent: EarlyIntent,
): { readonly of: string; readonly networks: string } | undefined {
  for (const { cidr, device = '' } of guardedNetworks(intent, ipv6)) {
    const inside = closedBy([cidr], networks)
    if (inside.length > 0) return { of: `${device} (${cidr})`, networks: named(inside) }
  }
  return undefined
}

/** Nodes that have no address of IPv6 in the inventory are outsiders for pods by IPv6. */
function nodesWithoutIpv6({ facts, intent }: Subject<EarlyIntent>): Doubt | undefined {
  const closed = ofFamily(closedNetworks(intent), 6)
  if (closed.length === 0 || facts.ipv6.routes.length === 0) return undefined
  if (hasIpv6(intent.members)) return undefined
  return {
    reason: `the guard closes ${closed.join(', ')}, but the inventory names no IPv6 address of any node. So the guard treats IPv6 packets from nodes like packets from outsiders`,
    remedy:
      'Set fw_addresses of each host to its IPv4 and IPv6 addresses. If nodes do not use IPv6 among themselves, you need not change anything.',
  }
}

const hasIpv6 = onceFor((members: readonly string[]) => ofFamily(members, 6).length > 0)

/** Thousands of hosts want the same members and close the same networks. */
const membersIn = onceFor((members: readonly string[]) =>
  onceForLine((networks): readonly string[] => closedBy(networks.split(' '), members)),
)

function closedBy(networks: readonly string[], parts: readonly string[]): readonly string[] {
  const outside = new Set(uncovered(parts, networks))
  return parts.filter((part) => !outside.has(part))
}
