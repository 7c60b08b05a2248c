import type { OpenedHost } from '../cluster/open-hosts.ts'
import type { HostNetwork } from '../facts/host-network.ts'
import {
  calicoPools,
  podNetworks,
  poolsWithOwnPods,
  poolsWithoutRoutes,
  shownPodNetworks,
} from '../facts/pod-networks.ts'
import type { HostState } from '../facts/state.ts'
import { podArrivals } from '../guard/bare-pods.ts'
import type { EarlyIntent, ForwardIntent, Intent } from '../guard/intent.ts'
import { standingGuards } from '../guard/standing-guard.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { membersOfBoth, setMembers } from '../inventory/members.ts'
import { namedPodNetworks, podNetworksWithoutNodes } from '../inventory/named-pod-networks.ts'
import { dualOverlaps, onlyIpv4, parseDual } from '../ip/dual.ts'
import { uncovered } from '../ip/dual-ranges.ts'
import { joinNetworks } from '../ip/join-networks.ts'
import { withoutNetworks } from '../ip/without-networks.ts'
import type { InterfacesOf } from './choose-interface.ts'

/** What a run wants of all hosts, and so of each, given how that was read. */
export interface Goal {
  readonly kind: 'protect' | 'remove'
  readonly intentOf: (opened: OpenedHost, state: HostState, network: HostNetwork) => Intent
}

/** The goal to protect hosts as the inventory says. `opened` are all hosts of the run: they show which pools of Calico are for pods. */
export function toProtect(
  inventory: Inventory,
  interfacesOf: InterfacesOf,
  opened: readonly OpenedHost[],
): Goal {
  const making = { inventory, interfacesOf, poolsOfPods: poolsOfPods(opened) }
  return {
    kind: 'protect',
    intentOf: (opened, state, network) =>
      opened.host.settings.guard === 'forward'
        ? forwardIntent(opened, state, network, making)
        : earlyIntent(opened, state, network, making),
  }
}

/** The goal to remove any guard of ours from hosts. */
export const toRemove: Goal = {
  kind: 'remove',
  intentOf: ({ host: { settings } }) => ({
    kind: 'remove',
    set: settings.set,
    guard: settings.guard === 'auto' ? undefined : settings.guard,
  }),
}

/** The same goal, but to remove the guard from the host of that name. */
export function butRemoveFrom(goal: Goal, name: string | undefined): Goal {
  return {
    ...goal,
    intentOf: (opened, ...read) =>
      (opened.host.name === name ? toRemove : goal).intentOf(opened, ...read),
  }
}

interface Making {
  readonly inventory: Inventory
  readonly interfacesOf: InterfacesOf
  readonly poolsOfPods: () => ReadonlySet<string>
}

/** The pools of Calico in which any of these hosts has pods. Found when first asked for: most clusters have one pool. */
function poolsOfPods(opened: readonly OpenedHost[]): () => ReadonlySet<string> {
  let found: ReadonlySet<string> | undefined
  return () => {
    found ??= new Set(
      opened.flatMap(({ facts }) =>
        facts?.state.kind === 'read' && facts.network.kind === 'read'
          ? poolsWithOwnPods(facts.state.value, facts.network.value.routes)
          : [],
      ),
    )
    return found
  }
}

function forwardIntent(
  { host, facts }: OpenedHost,
  state: HostState,
  network: HostNetwork,
  making: Making,
): ForwardIntent {
  const { inventory, interfacesOf } = making
  const { set, action, published, position, podCidrs } = host.settings
  // Rules in FORWARD are of IPv4 only.
  const given = onlyIpv4(podCidrs)
  const own =
    given.length > 0 ? given : shownPodNetworks(state, facts?.flannelNetwork, network.routes)
  const others = [
    ...onlyIpv4(podNetworksWithoutNodes(inventory)),
    ...otherPools(state, own, given, making),
  ]
  return {
    kind: 'forward',
    ...{ set, action, published, position, network },
    members: setMembers(inventory, host),
    interfaces: interfacesOf(host),
    podCidrs: own.length > 0 ? [...own, ...withoutNetworks(joinNetworks(others), own)] : [],
  }
}

/**
 * The pools of Calico in which hosts of the run have pods, and which no host names. None of which fw_pod_cidrs gives a part: it
 * leaves out the other part, because nodes are there.
 */
function otherPools(
  state: HostState,
  own: readonly string[],
  given: readonly string[],
  { inventory, poolsOfPods }: Making,
): readonly string[] {
  const unnamed = uncovered(calicoPools(state), [...own, ...namedPodNetworks(inventory)])
  return unnamed.filter((pool) => !overlapsAny(pool, given) && poolsOfPods().has(pool))
}

function overlapsAny(pool: string, given: readonly string[]): boolean {
  const network = parseDual(pool)
  return given.some((text) => {
    const other = parseDual(text)
    return network !== undefined && other !== undefined && dualOverlaps(network, other)
  })
}

function earlyIntent(
  { host, facts }: OpenedHost,
  state: HostState,
  network: HostNetwork,
  { inventory, interfacesOf, poolsOfPods }: Making,
): EarlyIntent {
  const { guard, set, action, services, serviceCidrs, podCidrs: given, persist } = host.settings
  const interfaces = interfacesOf(host)
  const members = membersOfBoth(inventory, host)
  const named = namedPodNetworks(inventory)
  const { podCidrs, unproven } =
    given.length > 0
      ? { podCidrs: given, unproven: [] }
      : foundNetworks(state, network, facts?.flannelNetwork, named, poolsOfPods)
  const proven = podCidrs.filter((cidr) => !unproven.includes(cidr))
  const elsewhere = withoutNetworks(named, proven)
  const routes = [...network.routes, ...(facts?.ipv6.routes ?? [])]
  const otherNodes = inventory.nodes.some(({ name }) => name !== host.name)
  const forms = facts?.nftForms.kind === 'read' ? facts.nftForms.value : []
  const asWanted = action === 'REJECT' ? 'prerouting reject' : 'prerouting drop'
  const early = forms.includes('prerouting reject') || forms.includes(asWanted)
  const { bare } = podArrivals(
    ...([[...podCidrs, ...elsewhere], routes, network, interfaces, otherNodes] as const),
  )
  const sources = bare.filter((cidr) => !unproven.includes(cidr))
  const closedServices = services === 'close' ? serviceCidrs : []
  const closing = {
    ...{ set, action, members, interfaces, network, podCidrs, persist },
    otherPods: withoutNetworks(podNetworksWithoutNodes(inventory), [
      ...podCidrs,
      ...closedServices,
    ]),
    serviceCidrs: closedServices,
    barePods: elsewhere.length > 0 ? joinNetworks(sources) : sources,
  }
  return guard === 'mangle'
    ? { kind: 'mangle', ...closing }
    : { kind: 'nft', ...closing, form: early ? 'prerouting' : 'forward' }
}

/**
 * The pod networks that a host knows, and pools of Calico in which other hosts have pods: if these come by routers, no route shows them
 * here. `unproven`: pools that must not become sources merely because another pool is one. No host of the run has a pod there, no host has them
 * in its fw_pod_cidrs, and the guard does not allow them yet. A disabled pool may name the network of outsiders.
 */
function foundNetworks(
  state: HostState,
  { routes }: HostNetwork,
  flannel: string | undefined,
  named: readonly string[],
  poolsOfPods: () => ReadonlySet<string>,
): { readonly podCidrs: readonly string[]; readonly unproven: readonly string[] } {
  const standing = standingGuards(state, 4)
  const closed = standing.flatMap((guard) => guard.closed)
  const unseen = poolsWithoutRoutes(state, routes)
  const allowed = unseen.length > 0 ? standing.flatMap(({ sources }) => sources()) : []
  const shown = unseen.filter((pool) => poolsOfPods().has(pool))
  return {
    podCidrs: podNetworks(state, flannel, routes, [...closed, ...shown]),
    unproven: uncovered(unseen, [...allowed, ...named, ...shown]),
  }
}
