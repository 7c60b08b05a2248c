import type { HostFacts } from '../facts/host-facts.ts'
import type { HostNetwork } from '../facts/host-network.ts'
import { isPodTunnel } from '../facts/pod-interface-names.ts'
import type { Route } from '../facts/routes.ts'
import { areMeant } from '../inventory/interface-names.ts'
import { type DualNetwork, dualContains, parseDual } from '../ip/dual.ts'

/** Pod networks of which nothing shows whether neighbours' pods come through the tunnel. */
export interface UnknownNeighbours {
  readonly tunnel: string
  readonly podCidrs: readonly string[]
  /** One of the nodes in a subnet of a guarded interface. */
  readonly node: string
}

/**
 * A tunnel that is up may lead only to nodes in other subnets: CrossSubnet of Calico, DirectRouting of flannel. Pods of a node in
 * a subnet of this host then come bare. A route to pods of such a node shows which it is; before, nothing does. Undefined where
 * that is shown, where there is no tunnel, and where no other node is in such a subnet. All networks are alike.
 */
export function unknownNeighbours(
  podCidrs: readonly string[],
  routes: readonly Route[],
  { interfaces }: HostNetwork,
  guarded: readonly string[],
  peers: readonly string[],
  farEnds: HostFacts['tunnelPeers'],
): UnknownNeighbours | undefined {
  const tunnel = interfaces.find(({ name, up }) => up && isPodTunnel(name))
  if (!tunnel) return undefined
  const pods = podCidrs.flatMap((cidr) => parseDual(cidr) ?? [])
  const ranged = routes.flatMap((route) => {
    const range = route.kind === 'unicast' ? parseDual(route.cidr) : undefined
    return range ? [{ ...range, ...route }] : []
  })
  const isOfPods = (range: DualNetwork): boolean => pods.some((pod) => dualContains(pod, range))
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
  if (ranged.some((range) => isOfPods(range) && shows(range))) return undefined
  // The last thing: of thousands of peers each host would look at thousands.
  const node = peers.find(isNear)
  return node === undefined ? undefined : { tunnel: tunnel.name, podCidrs, node }
}
