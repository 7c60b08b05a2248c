import type { HostFacts } from '../../facts/host-facts.ts'
import { ownNetworks } from '../../facts/own-networks.ts'
import { sourcesTowards } from '../../facts/peers.ts'
import type { Route } from '../../facts/routes.ts'
import type { ProtectIntent } from '../../guard/intent.ts'
import { areMeant } from '../../inventory/interface-names.ts'
import { dualOverlaps, parseDual } from '../../ip/dual.ts'
import { isCoveredBy, uncovered } from '../../ip/dual-ranges.ts'
import { withoutNetworks } from '../../ip/without-networks.ts'
import { maxNamedNetworks } from '../../limits.ts'
import type { Subject } from '../check.ts'

/** Addresses of nodes, and networks around them. */
export interface Nodes {
  readonly addresses: readonly string[]
  readonly subnets: readonly Route[]
}

/**
 * The addresses of this host that count for others: those of guarded interfaces that its inventory names, and those from which it
 * speaks to other hosts. Nobody needs the rest, such as that of a tunnel or of an interface which the cloud made for pods.
 */
export function ownNodes({ host, facts, intent, peers }: Subject<ProtectIntent>): Nodes {
  const { interfaces, routes } = intent.network
  const guarded = interfaces
    .filter(({ name }) => areMeant(intent.interfaces, name))
    .flatMap(({ addresses }) => addresses)
  const named = host.settings.addresses.filter((address) => guarded.includes(address))
  return {
    addresses: [...named, ...sourcesTowards(peers, routes, interfaces)],
    subnets: guardedNetworks(intent, facts.ipv6),
  }
}

/** The routes to the networks in which a host has addresses on guarded interfaces. */
export function guardedNetworks(
  { network, interfaces }: ProtectIntent,
  ipv6?: HostFacts['ipv6'],
): readonly Route[] {
  return ownNetworks(network, (device) => areMeant(interfaces, device), ipv6)
}

/** Those that lie in some networks, each once; undefined if none does. */
export function nodesIn(networks: readonly string[], nodes: Nodes): Nodes | undefined {
  const outside = new Set(uncovered(nodes.addresses, networks))
  const addresses = [...new Set(nodes.addresses)].filter((address) => !outside.has(address))
  const subnets = nodes.subnets.filter(({ cidr }) => isCoveredBy(cidr, networks))
  return addresses.length + subnets.length > 0 ? { addresses, subnets } : undefined
}

/**
 * What to set a variable of networks to, so that they hold no nodes; empty if they hold none. Undefined if that is not clear: nodes are in
 * other subnets as well, or nothing is left.
 */
export function setWithout(
  variable: string,
  networks: readonly string[],
  nodes: Nodes,
): string | undefined {
  if (!nodesIn(networks, nodes)) return ''
  const left = withoutNetworks(
    networks,
    nodes.subnets.map(({ cidr }) => cidr),
  )
  if (left.length === 0 || left.length > maxNamedNetworks || nodesIn(left, nodes)) return undefined
  const taken = nodes.subnets.map(({ cidr }) => cidr).filter((cidr) => meets(cidr, networks))
  return `Set ${variable} to ${JSON.stringify(left)}: these are the same networks without ${[...new Set(taken)].join(', ')}, where that host has an address. If other nodes have addresses in one of these networks, leave that network out, too. What is left out stays open to outsiders. So if pods or services have addresses there, give them other addresses first.`
}

/** The remedy where other hosts name networks of nodes for their pods. */
export const correctOthers =
  'Correct fw_pod_cidrs of the other hosts, also of those outside of this run: it must not contain addresses of nodes or networks of nodes.'

/** Whether a network has an address in common with others. */
function meets(text: string, others: readonly string[]): boolean {
  const network = parseDual(text)
  return others.some((one) => {
    const other = parseDual(one)
    return network !== undefined && other !== undefined && dualOverlaps(network, other)
  })
}
