import type { HostFacts } from '../facts/host-facts.ts'
import type { HostNetwork } from '../facts/host-network.ts'
import { isPodTunnel, isPodTunnelOf } from '../facts/pod-interface-names.ts'
import type { Route } from '../facts/routes.ts'
import { areMeant } from '../inventory/interface-names.ts'
import { type DualNetwork, dualContains, familyOf, parseDual } from '../ip/dual.ts'
import { indexNetworks } from '../ip/network-index.ts'

/** Pod networks of which nothing shows whether neighbours' pods come through the tunnel. */
export interface UnknownNeighbours {
  readonly tunnel: string
  readonly podCidrs: readonly string[]
  /** One of the nodes in a subnet of a guarded interface. */
  readonly node: string
}

/**
 * Pod networks in groups whose pods come in the same way: each pool of Calico has a way of its own, and so has each family of the
 * other networks.
 */
export function alikeNetworks(
  podCidrs: readonly string[],
  pools: readonly string[],
): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>()
  // A host may have thousands of pools, and thousands of hosts may each name a network.
  const known = new Set(pools)
  const index = indexNetworks(
    pools.flatMap((pool, at) => {
      const range = parseDual(pool)
      return range ? [{ ...range, pool, at }] : []
    }),
  )
  for (const cidr of podCidrs) {
    const range = parseDual(cidr)
    const [first] = range ? index.around(range).toSorted((a, b) => a.at - b.at) : []
    const key = known.has(cidr) ? cidr : (first?.pool ?? `${familyOf(cidr)}`)
    const group = groups.get(key)
    if (group) group.push(cidr)
    else groups.set(key, [cidr])
  }
  return [...groups.values()]
}

/**
 * A tunnel that is up may lead only to nodes in other subnets: CrossSubnet of Calico, DirectRouting of flannel. Pods of a node in
 * a subnet of this host then come bare. A route to pods of such a node shows which it is; before, nothing does. Undefined where
 * that is shown for each group, where there is no tunnel, and where no other node is in such a subnet.
 */
export function unknownNeighbours(
  groups: readonly (readonly string[])[],
  routes: readonly Route[],
  { interfaces }: HostNetwork,
  guarded: readonly string[],
  peers: readonly string[],
  farEnds: HostFacts['tunnelPeers'],
): UnknownNeighbours | undefined {
  const pods = indexNetworks(groups.flat().flatMap((cidr) => parseDual(cidr) ?? []))
  const ranged = routes.flatMap((route) => {
    const range = route.kind === 'unicast' ? parseDual(route.cidr) : undefined
    return range ? [{ ...range, ...route }] : []
  })
  const isOfPods = (range: DualNetwork): boolean => pods.around(range).length > 0
  const index = indexNetworks(ranged)
  const subnets = ranged.filter(
    (range) =>
      range.via === undefined &&
      range.length > 0 &&
      areMeant(guarded, range.device ?? '') &&
      !isOfPods(range),
  )
  const isNear = (address: string): boolean => {
    const range = parseDual(address)
    return range !== undefined && subnets.some((subnet) => dualContains(subnet, range))
  }
  const nodeBehind = new Map(
    farEnds.map(({ device, gateway, node }) => [`${device} ${gateway}`, node]),
  )
  /** Whether a route leads to pods of a neighbour. Where nothing tells the node behind a tunnel, it may be one. */
  const shows = ({ device = '', via }: Route): boolean => {
    if (areMeant(guarded, device)) return true
    if (!isPodTunnel(device)) return false
    const node = via === undefined ? undefined : (nodeBehind.get(`${device} ${via}`) ?? via)
    const range = node === undefined ? undefined : parseDual(node)
    return node === undefined || range === undefined || isOfPods(range) || isNear(node)
  }
  const judged = groups.flatMap((cidrs) => {
    const networks = cidrs.flatMap((cidr) => parseDual(cidr) ?? [])
    const family = networks[0]?.family ?? 4
    const tunnel = interfaces.find(({ name, up }) => up && isPodTunnelOf(family, name))
    const inside = networks.flatMap(index.within)
    return tunnel
      ? [{ cidrs, family, tunnel: tunnel.name, inside, isShown: inside.some(shows) }]
      : []
  })
  const shown = judged.filter(({ isShown }) => isShown).map(({ family }) => family)
  // Where others are shown, a group with routes to other hosts is one for pods of nodes in other subnets.
  const unknown = judged.filter(
    ({ isShown, family, inside }) =>
      !isShown && !(shown.includes(family) && inside.some(leadsToOthers)),
  )
  const [first] = unknown
  // The last thing: of thousands of peers each host would look at thousands.
  const node = first && peers.find(isNear)
  if (!first || node === undefined) return undefined
  return { tunnel: first.tunnel, podCidrs: unknown.flatMap(({ cidrs }) => cidrs), node }
}

function leadsToOthers({ device = '', via }: Route): boolean {
  return via !== undefined || isPodTunnel(device)
}
