import { calicoPools } from '../../../facts/pod-networks.ts'
import type { Route } from '../../../facts/routes.ts'
import { podArrivals, routedElsewhere } from '../../../guard/bare-pods.ts'
import type { EarlyIntent } from '../../../guard/intent.ts'
import {
  alikeNetworks,
  type UnknownNeighbours,
  unknownNeighbours,
} from '../../../guard/neighbour-pods.ts'
import { areMeant } from '../../../inventory/interface-names.ts'
import { onlyIpv4 } from '../../../ip/dual.ts'
import { uncovered } from '../../../ip/dual-ranges.ts'
import { maxNamedNetworks } from '../../../limits.ts'
import {
  type CheckResult,
  type Doubt,
  type EarlyCheck,
  fail,
  type Subject,
  warnOf,
} from '../../check.ts'
import { forAllHosts, named } from '../../evidence/named-networks.ts'
import { podsNotAllowed } from '../../evidence/pods-not-allowed.ts'
import { keepSysctl } from '../../evidence/sysctl.ts'

/**
 * Whether pods of other hosts come in by tunnels. Bare ones must be admitted by their addresses, which others can forge.
 * Strict rp_filter drops a packet if an answer to its source would not leave by the interface by which it came in.
 */
export const podSources: EarlyCheck = {
  id: 'pod-sources',
  judge(subject) {
    const { ofPods, others } = podsNotAllowed(subject)
    if (ofPods.length > 0) return stoppedSources(ofPods)
    const doubts = [bareSources, unknownSources, poolsNotAllowed].flatMap(
      (doubt) => doubt(subject) ?? [],
    )
    return warnOf([...doubts, ...(others.length > 0 ? [behindNodes(others, subject)] : [])])
  },
}

/** Bare pods that the guard stops, because the inventory leaves their network out. */
function stoppedSources(ofPods: readonly Route[]): CheckResult {
  return fail(
    `the guard would stop packets from pods of other hosts: ${named(ofPods.map(asWords))}. These packets come in without a tunnel, and fw_pod_cidrs of no host names these networks`,
    'Add the networks of these pods to fw_pod_cidrs of the hosts on which they run. Then the guards of all hosts allow them.',
  )
}

/** Pools of Calico that may be for pods or for others, where pods of another pool come in without a tunnel. */
function poolsNotAllowed({ facts, state, intent, peers }: Subject<EarlyIntent>): Doubt | undefined {
  const { podCidrs, barePods, interfaces, network } = intent
  const pools = new Set(calicoPools(state))
  const routes = [...network.routes, ...facts.ipv6.routes]
  const otherNodes = peers.all.some((address) => address !== peers.own)
  const { bare } = podArrivals(podCidrs, routes, network, interfaces, otherNodes)
  const stopped = uncovered(bare, barePods).filter((cidr) => pools.has(cidr))
  if (stopped.length === 0) return undefined
  const others = podCidrs.filter((cidr) => !stopped.includes(cidr))
  return {
    reason: `Calico has IP pools in which fw-run found no pod: ${named(stopped)}. So the guard does not allow them as sources. If pods get addresses from them, and come in without a tunnel, the guard stops their packets`,
    remedy: `If pods can get addresses from these pools, set fw_pod_cidrs for that host to ${JSON.stringify(podCidrs)}. If they never do (for example, the pools are disabled), set it to ${JSON.stringify(others)}. ${forAllHosts}`,
  }
}

/** What may be pods of a node, or others behind it. */
function behindNodes(others: readonly Route[], { host, intent }: Subject<EarlyIntent>): Doubt {
  const networks = others.slice(0, maxNamedNetworks).map(({ cidr }) => cidr)
  return {
    reason: `packets for other networks leave by nodes: ${named(others.map(asWords))}. If pods of these nodes have addresses there, the guard stops their packets: these come in without a tunnel`,
    remedy: `If pods have such addresses, ${
      host.settings.podCidrs.length > 0
        ? 'add their networks to fw_pod_cidrs of the hosts on which they run'
        : `set fw_pod_cidrs for that host to ${JSON.stringify([...intent.podCidrs, ...networks])}`
    }. If others have them, for example clients of a VPN, add pod-sources to fw_accept.`,
  }
}

function asWords({ cidr, via, device }: Route): string {
  return `${cidr} by node ${via} and ${device}`
}

/** Bare pods, which the guard lets in. */
function bareSources(subject: Subject<EarlyIntent>): Doubt | undefined {
  const { intent } = subject
  const { barePods, interfaces } = intent
  if (barePods.length === 0) return undefined
  const filtering = forgeryByInterface(subject)
  const unseen = unseenWays(subject)
  const encrypting = intent.network.interfaces.find(
    ({ name, up }) => up && (name === 'wireguard.cali' || name === 'wg-v6.cali'),
  )
  const forgery = `machine on the network of ${interfaces.join(', ')} can pretend to be a pod: it sends packets with a source address from ${barePods.join(', ')}. These packets reach pods`
  if (unseen.length > 0) {
    const names = unseen.join(', ')
    return {
      reason: `the main routing table has no IPv4 route by ${names}, so fw-run does not see how packets from pods of other hosts come in. They may come in by ${names}, as with a VPN such as Tailscale. So the guard allows ${barePods.join(', ')} as sources. If no VPN checks source addresses, a ${forgery}`,
      remedy: `If ${names} belongs to a VPN that checks source addresses, as WireGuard and Tailscale do, add pod-sources to fw_accept. Otherwise, ${useTunnel}.`,
    }
  }
  return {
    reason: [
      encrypting
        ? `Calico uses WireGuard on this host (${encrypting.name}). Packets from pods of hosts without WireGuard would come in by ${interfaces.join(', ')} without a tunnel. So the guard allows ${barePods.join(', ')} as sources`
        : `packets from pods of other hosts come in by ${interfaces.join(', ')} without a tunnel, so the guard allows ${barePods.join(', ')} as sources`,
      `A ${forgery}`,
      ...filtering.reasons,
    ].join('. '),
    remedy: [
      ...filtering.remedies,
      encrypting
        ? 'To stop all such packets, set vxlanMode or ipipMode of the IP pools of Calico to Always. Or let the switch filter source addresses.'
        : `To stop all such packets, ${useTunnel}. Or let the switch filter source addresses.`,
    ].join(' '),
  }
}

const useTunnel =
  'use a tunnel between nodes (Calico: set vxlanMode or ipipMode of the IP pools to Always; flannel: set the backend to vxlan)'

/** The guarded interfaces with routes in other tables, if the guard allows pods as sources only because of them. */
function unseenWays({ facts, intent }: Subject<EarlyIntent>): readonly string[] {
  const { barePods, interfaces, network } = intent
  const unseen = routedElsewhere(network, interfaces)
  const seen = network.interfaces.filter(
    ({ name }) => areMeant(interfaces, name) && !unseen.includes(name),
  )
  const names = seen.map(({ name }) => name)
  const routes = [...network.routes, ...facts.ipv6.routes]
  if (unseen.length === 0) return []
  return podArrivals(barePods, routes, network, names, true).bare.length > 0 ? [] : unseen
}

/** Pods of other hosts that may be bare, on a host where nothing says so yet. */
function unknownSources({ facts, state, intent, peers }: Subject<EarlyIntent>): Doubt | undefined {
  const { podCidrs, barePods, interfaces, network } = intent
  const others = peers.all.filter((address) => address !== peers.own)
  const routes = [...network.routes, ...facts.ipv6.routes]
  const networks = [...podCidrs, ...barePods]
  const { unknown } = podArrivals(networks, routes, network, interfaces, others.length > 0)
  if (unknown.length > 0) {
    return {
      reason: `this host has no route to pods in ${unknown.join(', ')} yet, and no tunnel for these pods is up. So fw-run does not know how packets from pods of other hosts come in. If they come in by ${interfaces.join(', ')} without a tunnel, the guard stops them`,
      remedy:
        'Run `fw-run apply` again as soon as a pod runs on this host. Then the routes of the host show how these packets come in.',
    }
  }
  const groups = alikeNetworks(uncovered(podCidrs, barePods), calicoPools(state))
  const neighbours = unknownNeighbours(
    ...([groups, routes, network, interfaces, others, facts.tunnelPeers] as const),
  )
  return neighbours && neighboursUnknown(neighbours, interfaces)
}

/** A tunnel of pods that perhaps does not lead to nodes in the same subnet. */
function neighboursUnknown(
  { tunnel, podCidrs, node }: UnknownNeighbours,
  interfaces: readonly string[],
): Doubt {
  const by = interfaces.join(', ')
  return {
    reason: `fw-run does not know yet how packets from pods (${podCidrs.join(', ')}) of hosts in the same subnet, such as ${node}, come to this host. The tunnel ${tunnel} is up, but no route shows whether it leads to these hosts, too. If their packets come in by ${by} without a tunnel, the guard stops them`,
    remedy:
      'Run `fw-run apply` again as soon as a pod runs on such a host. Then the routes of this host show how its packets come in. If the tunnel is for all hosts (Calico: vxlanMode or ipipMode is Always), or no pods run on these hosts, add pod-sources to fw_accept.',
  }
}

/** What rp_filter does against forged pod addresses on each guarded interface, and where it could do more. */
function forgeryByInterface({ facts, intent }: Subject<EarlyIntent>): {
  readonly reasons: readonly string[]
  readonly remedies: readonly string[]
} {
  const { network } = intent
  const bare = onlyIpv4(intent.barePods)
  const names = network.interfaces
    .map(({ name }) => name)
    .filter((name) => areMeant(intent.interfaces, name) && facts.sourceFilters.has(name))
  if (bare.length === 0 || names.length === 0) {
    return {
      reasons: ['Linux has no rp_filter for IPv6'].filter(() => bare.length === 0),
      remedies: [],
    }
  }
  const leadsThere = (name: string): boolean =>
    podArrivals(bare, network.routes, network, [name], true).bare.length > 0
  const towards = names.filter(leadsThere)
  const lax = names.filter((name) => facts.sourceFilters.get(name) !== 1)
  const useful = lax.filter((name) => !towards.includes(name))
  return {
    reasons: [
      ...(towards.length > 0
        ? [
            `On ${towards.join(', ')}, the sysctl rp_filter=1 stops only packets that pretend to come from pods of this host. ${stateOf(towards, lax)}`,
          ]
        : []),
      ...(useful.length > 0
        ? [
            `On ${useful.join(', ')}, the sysctl rp_filter=1 is not set. It would stop all packets that pretend to come from pods`,
          ]
        : []),
    ],
    remedies:
      useful.length > 0 ? [filterStrictly(useful, facts.sourceFilters.get('all') === 2)] : [],
  }
}

/** How to make rp_filter strict. `looseForAll`: the value 2 of `all` is higher, so no other one has effect. */
function filterStrictly(names: readonly string[], looseForAll: boolean): string {
  const strict = names.map((name) => `net/ipv4/conf/${name}/rp_filter=1`)
  const words = [...(looseForAll ? ['net/ipv4/conf/all/rp_filter=0'] : []), ...strict]
  return [
    `Run \`sysctl -w ${words.join(' ')}\` on that host.`,
    ...(looseForAll
      ? [
          'This also sets `all` to 0, because Linux uses the higher one of `all` and the interface. If another interface needs 2, set 2 on that interface.',
        ]
      : []),
    keepSysctl,
    'With rp_filter=1, the host also drops packets from a client if the answer leaves by another interface.',
  ].join(' ')
}

function stateOf(towards: readonly string[], lax: readonly string[]): string {
  const unset = towards.filter((name) => lax.includes(name))
  return unset.length === 0 ? 'It is set there' : `It is not set on ${unset.join(', ')}`
}
