import { podNetworks } from '../../../facts/pod-networks.ts'
import { podRoutes } from '../../../facts/pod-routes.ts'
import { admitted, closedNetworks, type EarlyIntent } from '../../../guard/intent.ts'
import { areMeant } from '../../../inventory/interface-names.ts'
import { dualOverlaps, ofFamily, parseDual } from '../../../ip/dual.ts'
import { uncovered } from '../../../ip/dual-ranges.ts'
import { onceFor, onceForLine } from '../../../memory/once-for.ts'
import { type CheckResult, type EarlyCheck, fail, pass, type Subject, warn } from '../../check.ts'

/**
 * Whether the guard closes every pod network that the host knows, and nothing that nodes need. A pod network that the
 * guard does not name is open.
 */
export const closedNetworksCheck: EarlyCheck = {
  id: 'closed-networks',
  judge(subject) {
    return (
      noNetwork(subject) ??
      openNetworks(subject) ??
      closedNodes(subject) ??
      nodesWithoutIpv6(subject) ??
      pass
    )
  },
}

function noNetwork({ intent }: Subject<EarlyIntent>): CheckResult | undefined {
  if (intent.podCidrs.length > 0) return undefined
  return fail(
    'fw-run found no pod network on this host',
    "Set fw_pod_cidrs in the inventory, for example ['10.42.0.0/16']. `kubectl cluster-info dump | grep -m1 cluster-cidr` shows it on most clusters.",
  )
}

function openNetworks({ facts, state, intent }: Subject<EarlyIntent>): CheckResult | undefined {
  const told = [
    ...podNetworks(state, facts.flannelNetwork, intent.network.routes),
    ...podRoutes(intent.network, facts.ipv6).map(({ cidr }) => cidr),
  ]
  const open = uncovered(told, closedNetworks(intent))
  if (open.length === 0) return undefined
  const listed = `${open.slice(0, 10).join(', ')}${open.length > 10 ? ` and ${open.length - 10} more` : ''}`
  return fail(
    `pods on this host have addresses that the guard does not close: ${listed}`,
    'Add their networks to fw_pod_cidrs in the inventory.',
  )
}

/** An address of a node in a closed network: outsiders, and often the jump host, could not reach that node any more. */
function closedNodes({ facts, intent }: Subject<EarlyIntent>): CheckResult | undefined {
  const own = [
    ...intent.network.interfaces.flatMap(({ name: device, addresses }) =>
      addresses.map((address) => ({ device, address })),
    ),
    ...facts.ipv6.addresses,
  ].filter(({ device }) => areMeant(intent.interfaces, device))
  const networks = closedNetworks(intent)
  const members = membersIn(intent.members)(networks.join(' '))
  const addresses = own.map(({ address }) => address)
  const closed = [...new Set([...closedBy(networks, addresses), ...members])]
  if (closed.length > 0) {
    return fail(
      `the guard would close addresses of nodes: ${closed.slice(0, 10).join(', ')}. Outsiders could then not reach these nodes. Perhaps this jump host could not reach them, either`,
      'Correct fw_pod_cidrs and fw_service_cidrs: they must not contain addresses of nodes. If fw_extra_members contains such an address, correct it there.',
    )
  }
  const local = [...intent.network.routes, ...facts.ipv6.routes].find(
    ({ cidr, via, device }) =>
      !['0.0.0.0/0', '::/0'].includes(cidr) &&
      via === undefined &&
      // Of a network without an address of the host there, such as one of services, the route only says where to leave.
      own.some((one) => one.device === device && overlap(cidr, one.address)) &&
      networks.some((one) => overlap(cidr, one) && !admitted(intent).includes(one)),
  )
  return local
    ? fail(
        `a network that the guard would close overlaps the network of ${local.device} (${local.cidr})`,
        'Correct fw_pod_cidrs and fw_service_cidrs: they must not overlap the network of the nodes.',
      )
    : undefined
}

/** Nodes that have no address of IPv6 in the inventory are outsiders for pods by IPv6. */
function nodesWithoutIpv6({ facts, intent }: Subject<EarlyIntent>): CheckResult | undefined {
  const closed = ofFamily(closedNetworks(intent), 6)
  if (closed.length === 0 || facts.ipv6.routes.length === 0) return undefined
  if (hasIpv6(intent.members)) return undefined
  return warn(
    `the guard closes ${closed.join(', ')}, but the inventory names no IPv6 address of any node. So the guard treats IPv6 packets from nodes like packets from outsiders`,
    'Set fw_addresses of each host to its IPv4 and IPv6 addresses. If nodes do not use IPv6 among themselves, you need not change anything.',
  )
}

const hasIpv6 = onceFor((members: readonly string[]) => ofFamily(members, 6).length > 0)

/** Thousands of hosts want the same members and close the same networks. */
const membersIn = onceFor((members: readonly string[]) =>
  onceForLine((networks): readonly string[] => closedBy(networks.split(' '), members)),
)

function closedBy(networks: readonly string[], nodes: readonly string[]): readonly string[] {
  const outside = new Set(uncovered(nodes, networks))
  return nodes.filter((address) => !outside.has(address))
}

function overlap(a: string, b: string): boolean {
  const [one, other] = [parseDual(a), parseDual(b)]
  return one !== undefined && other !== undefined && dualOverlaps(one, other)
}
