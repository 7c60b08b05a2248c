import type { Route } from '../../facts/routes.ts'
import { closesIpv6, memberSet, type ProtectIntent } from '../../guard/intent.ts'
import { areMeant } from '../../inventory/interface-names.ts'
import type { Leaving } from '../../inventory/inventory.ts'
import { dualContains, formatDual, parseDual } from '../../ip/dual.ts'
import { uncovered } from '../../ip/dual-ranges.ts'
import { dualPurpose } from '../../ip/special-purpose.ts'
import { typed } from '../../text/shell-quotes.ts'
import { type CheckResult, fail, type ProtectionCheck, pass, type Subject, warn } from '../check.ts'

/** Whether every node that Calico, the routes or a tunnel name is a member of the set. */
export const knownNodes: ProtectionCheck = {
  id: 'known-nodes',
  judge(subject) {
    const members = memberSet(subject.intent.members)
    const nodes = new Set([...calicoNodes(subject), ...routedNodes(subject)])
    const all = [...nodes].filter((node) => !members.has(node))
    const { leaving } = subject.host.settings
    const missing = all.filter((node) => !leaving?.addresses.includes(node))
    if (missing.length === 0) return leaving && all.length > 0 ? stillNode(leaving) : pass
    return fail(
      `Calico, a route or the VXLAN tunnel uses nodes with addresses that the guard does not allow: ${missing.join(', ')}. The guard would stop packets from these nodes`,
      'If the inventory has such a node, write all addresses of that node into its fw_addresses. Also, `fw-run inventory` must list the node under "HOSTS to protect". Otherwise add the node to the inventory, or its address to fw_extra_members. If a node no longer exists, run `kubectl delete node NODE`. Then run the same command again.',
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
        `Take it out of the cluster: ${drain}. Until then, \`apply\` refuses. Or add its address to fw_extra_members.`,
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

/**
 * Nodes behind the gateways of pod networks: with bare routing the gateway on a guarded interface is the node, in a tunnel its far
 * end. What no route of a pod network uses may be left over.
 */
function routedNodes({ facts, intent }: Subject<ProtectIntent>): readonly string[] {
  const others = intent.kind === 'forward' ? [] : intent.otherPods
  const pods = [...intent.podCidrs, ...others].flatMap((cidr) => parseDual(cidr) ?? [])
  const leadsToPods = ({ cidr }: Route): boolean => {
    const network = parseDual(cidr)
    return network !== undefined && pods.some((pod) => dualContains(pod, network))
  }
  const six = guardsIpv6(intent) ? facts.ipv6.routes : []
  const routes = [...intent.network.routes, ...six].filter(
    ({ kind, via }) => kind === 'unicast' && via !== undefined && !isLinkLocal(via),
  )
  const farEnds = new Map(
    facts.tunnelPeers.map((peer) => [`${peer.device} ${peer.gateway}`, peer.node]),
  )
  const toPods = routes.filter(leadsToPods)
  const elsewhere = routes.filter((route) => !leadsToPods(route))
  const isBare = ({ device = '' }: Route): boolean => areMeant(intent.interfaces, device)
  const gateways = new Set(toPods.filter(isBare).flatMap(({ via }) => via ?? []))
  return [
    ...[...gateways].filter((one) => !isRouter(one, elsewhere, intent.members)),
    ...toPods.flatMap(({ device, via }) => farEnds.get(`${device} ${via}`) ?? []),
  ]
}

/**
 * Whether a host reaches everybody, or members, by a gateway: it is a router between subnets of nodes, and may lead to pods as well. As a
 * member, it would let in all outsiders behind its NAT.
 */
function isRouter(gateway: string, routes: readonly Route[], members: readonly string[]): boolean {
  const { size } = memberSet(members)
  if (memberSet(members).has(gateway)) return false
  return routes.some(({ cidr, via }) => via === gateway && uncovered(members, [cidr]).length < size)
}

/** Whether an address does not say which node it is of. */
function isLinkLocal(address: string): boolean {
  const network = parseDual(address)
  return network?.family === 6 && dualPurpose(network) === 'link-local'
}
