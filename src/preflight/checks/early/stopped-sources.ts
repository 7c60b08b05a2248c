import { calicoPools } from '../../../facts/pod-networks.ts'
import type { Route } from '../../../facts/routes.ts'
import { podArrivals } from '../../../guard/bare-pods.ts'
import type { EarlyIntent } from '../../../guard/intent.ts'
import {
  alikeNetworks,
  type UnknownNeighbours,
  unknownNeighbours,
} from '../../../guard/neighbour-pods.ts'
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

/**
 * Whether the guard stops pods of other hosts, which come in without a tunnel and from networks that it does not allow. It is a
 * check of its own: who accepts that the guard allows pods (`pod-sources`) must still hear that.
 */
export const stoppedSources: EarlyCheck = {
  id: 'stopped-sources',
  failure(subject) {
    const { ofPods } = podsNotAllowed(subject)
    return ofPods.length > 0 ? stoppedPods(ofPods) : undefined
  },
  judge(subject) {
    const { ofPods, others } = podsNotAllowed(subject)
    if (ofPods.length > 0) return stoppedPods(ofPods)
    const doubts = [unknownSources, poolsNotAllowed].flatMap((doubt) => doubt(subject) ?? [])
    return warnOf([...doubts, ...(others.length > 0 ? [behindNodes(others, subject)] : [])])
  },
}

/** Bare pods that the guard stops, because the inventory leaves their network out. */
function stoppedPods(ofPods: readonly Route[]): CheckResult {
  return fail(
    `the guard would stop packets from pods of other hosts. Routes lead to these pods by way of nodes: ${named(ofPods.map(asWords))}. These packets come in without a tunnel, and no host has these networks in its fw_pod_cidrs`,
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
    reason: `Calico has IP pools in which fw-run found no pod: ${named(stopped)}. So the guard does not allow them as sources. If pods get addresses from these pools, and their packets come in without a tunnel, the guard stops these packets`,
    remedy: `If pods can get addresses from these pools, set fw_pod_cidrs for that host to ${JSON.stringify(podCidrs)}. If they never do (for example, the pools are disabled), set it to ${JSON.stringify(others)}. ${forAllHosts}`,
  }
}

/** What may be pods of a node, or others behind it. */
function behindNodes(others: readonly Route[], { host, intent }: Subject<EarlyIntent>): Doubt {
  const networks = others.slice(0, maxNamedNetworks).map(({ cidr }) => cidr)
  return {
    reason: `routes lead to other networks by way of nodes: ${named(others.map(asWords))}. If pods of these nodes have addresses there, the guard stops their packets: these come in without a tunnel`,
    remedy: `If pods have such addresses, ${
      host.settings.podCidrs.length > 0
        ? 'add their networks to fw_pod_cidrs of the hosts on which they run'
        : `set fw_pod_cidrs for that host to ${JSON.stringify([...intent.podCidrs, ...networks])}`
    }. If others have them, for example clients of a VPN, add stopped-sources to fw_accept.`,
  }
}

function asWords({ cidr, via, device }: Route): string {
  return `${cidr} (node ${via}, interface ${device})`
}

/** Pods of other hosts that may be bare, on a host where nothing says so yet. */
function unknownSources({ facts, state, intent, peers }: Subject<EarlyIntent>): Doubt | undefined {
  const { podCidrs, otherPods, barePods, interfaces, network } = intent
  const others = peers.all.filter((address) => address !== peers.own)
  const routes = [...network.routes, ...facts.ipv6.routes]
  const closed = [...podCidrs, ...otherPods]
  const networks = [...closed, ...barePods]
  const { unknown, byLink } = podArrivals(networks, routes, network, interfaces, others.length > 0)
  if (unknown.length > 0) {
    return {
      reason: `this host has no route to pods in ${named(unknown)} yet, and no tunnel for these pods is up. So fw-run does not know how packets from pods of other hosts come in. If they come in by ${interfaces.join(', ')} without a tunnel, the guard stops them`,
      remedy:
        'Run `fw-run apply` again as soon as a pod runs on that host. Then the routes of that host show how these packets come in.',
    }
  }
  if (byLink.length > 0) return assumedTunnel(byLink, interfaces)
  const own = new Set(podCidrs)
  const groups = alikeNetworks(uncovered(closed, barePods), calicoPools(state)).filter((group) =>
    group.some((cidr) => own.has(cidr)),
  )
  const neighbours = unknownNeighbours(
    ...([groups, routes, network, interfaces, others, facts.tunnelPeers] as const),
  )
  return neighbours && neighboursUnknown(neighbours, interfaces)
}

/** A tunnel that no plugin made, and that perhaps leads to others than pods, or to pods of some hosts only. */
function assumedTunnel(routes: readonly Route[], interfaces: readonly string[]): Doubt {
  const by = interfaces.join(', ')
  const words = routes.map(({ cidr, device }) => `${cidr} (interface ${device})`)
  const names = [...new Set(routes.map(({ device = '' }) => device))].join(', ')
  return {
    reason: `a route to a part of the pod networks uses an interface that is a tunnel or VPN: ${named(words)}. So fw-run assumes that packets from pods of all other hosts come in by a tunnel. If packets from pods of other hosts come in by ${by} without a tunnel, the guard stops them`,
    remedy: `If packets from pods of all other hosts come in by ${names}, add stopped-sources to fw_accept. Otherwise, add routes on that host: one to the pods of each other node, with the address of the node of these pods as the gateway. Then run \`fw-run apply\`.`,
  }
}

/** A tunnel of pods that perhaps does not lead to nodes in the same subnet. */
function neighboursUnknown(
  { tunnel, podCidrs, node }: UnknownNeighbours,
  interfaces: readonly string[],
): Doubt {
  const by = interfaces.join(', ')
  return {
    reason: `fw-run does not know yet how packets from pods (${named(podCidrs)}) of hosts in the same subnet, such as ${node}, come to this host. The tunnel ${tunnel} is up, but no route shows whether it leads to these hosts, too. If their packets come in by ${by} without a tunnel, the guard stops them`,
    remedy:
      'Run `fw-run apply` again as soon as a pod runs on one of these hosts. Then the routes of this host show how packets of that pod come in. If the tunnel is for all hosts (Calico: vxlanMode or ipipMode is Always), or no pods run on these hosts, add stopped-sources to fw_accept.',
  }
}
