import type { Route } from '../../facts/routes.ts'
import { closesIpv6, memberSet, type ProtectIntent } from '../../guard/intent.ts'
import { areMeant } from '../../inventory/interface-names.ts'
import type { Leaving } from '../../inventory/inventory.ts'
import { familyOf, formatDual, ofFamily, parseDual } from '../../ip/dual.ts'
import { isCoveredBy, uncovered } from '../../ip/dual-ranges.ts'
import { indexNetworks } from '../../ip/network-index.ts'
import { dualPurpose } from '../../ip/special-purpose.ts'
import { onceFor } from '../../memory/once-for.ts'
import { typed } from '../../text/shell-quotes.ts'
import { type CheckResult, fail, type ProtectionCheck, pass, type Subject, warn } from '../check.ts'

/** Whether every node that Calico, the routes or a tunnel name is a member of the set. */
export const knownNodes: ProtectionCheck = {
  id: 'known-nodes',
  judge(subject) {
    const members = memberSet(subject.intent.members)
    const { certain, gateways } = routedNodes(subject)
    const known = new Set([...calicoNodes(subject), ...certain])
    const all = [...new Set([...known, ...gateways])].filter((node) => !members.has(node))
    const { leaving, accept } = subject.host.settings
    const missing = all.filter((node) => !leaving?.addresses.includes(node))
    if (missing.length === 0) return leaving && all.length > 0 ? stillNode(leaving) : pass
    const mayBeRouters = !missing.some((node) => known.has(node))
    const result = mayBeRouters && accept.includes('known-nodes') ? warn : fail
    return result(
      `Calico, a route or the VXLAN tunnel uses nodes with addresses that the guard does not allow: ${missing.join(', ')}. The guard would stop packets from these nodes`,
      `If the inventory has such a node, write all addresses of that node into its fw_addresses. Also, \`fw-run inventory\` must list the node under "HOSTS to protect". Otherwise add the node to the inventory, or its address to fw_extra_members. If a node no longer exists, run \`kubectl delete node NODE\`.${mayBeRouters ? ' If all of these are routers and not nodes, add known-nodes to fw_accept.' : ''} Then run the same command again.`,
    )
  },
}

/** A host that leaves the inventory, and that Calico, a route or a tunnel still uses. */
function stillNode({ host, accepted }: Leaving): CheckResult {
  const what = `${host} is still a node of the cluster: Calico, a route or the VXLAN tunnel uses it. If it is not in the set, the other hosts stop its packets to pods`
  const drain = `\`kubectl drain ${typed(host)} --ignore-daemonsets\` and \`kubectl delete node ${typed(host)}\``
  return accepted
    ? warn(
        what,
        `Take it out of the cluster: ${drain}. Or add its address to fw_extra_members. Until you do one of these, \`apply\` refuses.`,
      )
    : fail(
        what,
        `First take it out of the cluster: ${drain}. Then run the same command again. To remove it anyway, add --leave-outside.`,
      )
}

/**
 * The ipsets in which Felix keeps the addresses of nodes, absent in canal (felix/rules/static.go, felix/ipsets). Their names are
 * enough: a set that is left can only ask for a node too many, it never hides one.
 */
function calicoNodes({ state, intent }: Subject<ProtectIntent>): readonly string[] {
  const six = guardsIpv6(intent) ? ['cali60all-hosts-net', 'cali60all-vxlan-net'] : []
  return ['cali40all-hosts-net', 'cali40all-vxlan-net', ...six]
    .flatMap((name) => state.sets.get(name)?.members ?? [])
    .flatMap((member) => parseDual(member) ?? [])
    .filter(({ first, last }) => first === last)
    .map(formatDual)
}

function guardsIpv6(intent: ProtectIntent): boolean {
  return intent.kind !== 'forward' && closesIpv6(intent)
}

/** Nodes behind the gateways of pod networks. */
interface RoutedNodes {
  /** The far ends of tunnels. */
  readonly certain: readonly string[]
  /** Gateways on guarded interfaces: with bare routing, the gateway is the node. It may be a router all the same. */
  readonly gateways: readonly string[]
}

/** The nodes behind the gateways of pod networks. What no route of a pod network uses may be left over. */
function routedNodes({ facts, intent }: Subject<ProtectIntent>): RoutedNodes {
  const others = intent.kind === 'forward' ? [] : intent.otherPods
  const podCidrs = [...intent.podCidrs, ...others]
  const ofBoth = { 4: ofFamily(podCidrs, 4), 6: ofFamily(podCidrs, 6) }
  const pods = indexNetworks(podCidrs.flatMap((cidr) => parseDual(cidr) ?? []))
  const leadsToPods = ({ cidr }: Route): boolean => {
    const network = parseDual(cidr)
    return network !== undefined && pods.around(network).length > 0
  }
  const six = guardsIpv6(intent) ? facts.ipv6.routes : []
  const routes = [...intent.network.routes, ...six].filter(
    ({ kind, via }) => kind === 'unicast' && via !== undefined && !isLinkLocal(via),
  )
  const farEnds = new Map(
    facts.tunnelPeers.map((peer) => [`${peer.device} ${peer.gateway}`, peer.node]),
  )
  const toPods = routes.filter(leadsToPods)
  const known = new Set(toPods)
  const elsewhere = routes.filter((route) => !known.has(route))
  const bare = toPods.filter(({ device = '' }) => areMeant(intent.interfaces, device))
  const members = memberSet(intent.members)
  const further = leadingFurther(elsewhere, intent.members)
  const single = singleGateways(bare.filter(({ via = '' }) => !members.has(via)))
  return {
    certain: toPods.flatMap(({ device, via }) => farEnds.get(`${device} ${via}`) ?? []),
    gateways: [...single]
      .filter(([, cidrs]) => !leadsToAll(cidrs, ofBoth[familyOf(cidrs[0] ?? '')]))
      .map(([gateway]) => gateway)
      .filter((gateway) => !further.has(gateway)),
  }
}

/**
 * The gateways by which a host reaches everybody, or members: each is a router between subnets of nodes, and may lead to pods as well.
 * As a member, it would let in all outsiders behind its NAT.
 */
function leadingFurther(
  routes: readonly Route[],
  members: readonly string[],
): ReadonlySet<string | undefined> {
  const nodes = memberIndex(members)
  const leads = ({ cidr }: Route): boolean => {
    const network = parseDual(cidr)
    return network !== undefined && nodes.within(network).length > 0
  }
  return new Set(routes.filter(leads).map(({ via }) => via))
}

const memberIndex = onceFor((members: readonly string[]) =>
  indexNetworks(members.flatMap((member) => parseDual(member) ?? [])),
)

/**
 * The networks behind each gateway, but for gateways that always have another one beside them: two routers lead to the same node,
 * and a node leads to its own pods.
 */
function singleGateways(toPods: readonly Route[]): ReadonlyMap<string, readonly string[]> {
  const gatewaysTo = new Map<string, Set<string>>()
  const behind = new Map<string, string[]>()
  for (const { cidr, device, via = '' } of toPods) {
    const key = `${cidr} ${device}`
    gatewaysTo.set(key, (gatewaysTo.get(key) ?? new Set()).add(via))
    const cidrs = behind.get(via)
    if (cidrs) cidrs.push(cidr)
    else behind.set(via, [cidr])
  }
  const single = [...gatewaysTo.values()].flatMap((some) => (some.size === 1 ? [...some] : []))
  return new Map(single.map((gateway) => [gateway, behind.get(gateway) ?? []]))
}

/** Whether networks behind a gateway hold all pods of their family: those behind a node do not. */
function leadsToAll(cidrs: readonly string[], pods: readonly string[]): boolean {
  return isCoveredBy(pods[0] ?? '', cidrs) && uncovered(pods, cidrs).length === 0
}

/** Whether an address does not say which node it is of. */
function isLinkLocal(address: string): boolean {
  const network = parseDual(address)
  return network?.family === 6 && dualPurpose(network) === 'link-local'
}
