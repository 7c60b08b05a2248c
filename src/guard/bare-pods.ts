import type { HostNetwork } from '../facts/host-network.ts'
import { ownNetworks } from '../facts/own-networks.ts'
import { isPodTunnel, isPodTunnelOf, leadsToPods } from '../facts/pod-interface-names.ts'
import type { Route } from '../facts/routes.ts'
import { areMeant } from '../inventory/interface-names.ts'
import { type DualNetwork, dualContains, families, parseDual } from '../ip/dual.ts'
import { indexNetworks } from '../ip/network-index.ts'

/**
 * How pods of other hosts come in: `bare` are the pod networks whose pods come by a guarded interface, with their own addresses as
 * source. `unknown` are those of which nothing on the host says so yet, and that may be bare. `byLink` are the routes by which alone
 * a tunnel counts as the way: by a tunnel that no plugin made. It may be a VPN, and the pods may be bare.
 */
interface PodArrivals {
  readonly bare: readonly string[]
  readonly unknown: readonly string[]
  readonly byLink: readonly Route[]
}

/**
 * Finds this by routes and tunnels. Routes to pods show it, because answers leave by them. Or no route names pods of other
 * hosts: then only routers of the cloud know these, as with kubenet. A network without routes is taken for one like the
 * others of its family, because the same plugin serves it. Networks and `routes` may be of both families.
 * Without `otherNodes`, this host is the only node: then only a route may show pods of other hosts.
 */
export function podArrivals(
  podCidrs: readonly string[],
  routes: readonly Route[],
  network: HostNetwork,
  guarded: readonly string[],
  otherNodes: boolean,
): PodArrivals {
  const own = ownNetworks({ ...network, routes }, (device) => areMeant(guarded, device))
  const ranged = routes.flatMap((route) => {
    const range = route.kind === 'other' ? undefined : parseDual(route.cidr)
    return range ? [{ ...range, route, ofNodes: own.includes(route) }] : []
  })
  const way = wayBy(ranged, network, guarded)
  const pods = podCidrs.flatMap((cidr) => {
    const range = parseDual(cidr)
    return range ? [{ cidr, family: range.family, ...way(range) }] : []
  })
  const judged = families.map((family) => {
    const arrivals = arrivalsOf(
      pods.filter((one) => one.family === family),
      otherNodes,
    )
    const { interfaces } = network
    const tunnelled = interfaces.some(({ name, up }) => up && isPodTunnelOf(family, name))
    return tunnelled || !otherNodes ? { ...arrivals, unknown: [], byLink: [] } : arrivals
  })
  return {
    bare: judged.flatMap(({ bare }) => bare),
    unknown: judged.flatMap(({ unknown }) => unknown),
    byLink: judged.flatMap(({ byLink }) => byLink),
  }
}

/**
 * The guarded interfaces that have an address and no route: their routes are in another table, such as the table 52 of Tailscale.
 * Of IPv4 only: /proc/net/ipv6_route shows all tables.
 */
export function routedElsewhere(
  { interfaces, routes }: HostNetwork,
  guarded: readonly string[],
): readonly string[] {
  return interfaces
    .filter(({ name, up, addresses }) => up && addresses.length > 0 && areMeant(guarded, name))
    .map(({ name }) => name)
    .filter((name) => !routes.some(({ device }) => device === name))
}

/** `ofNodes`: it leads to the nodes of a subnet, even if that is in a pod network. */
type RangedRoute = DualNetwork & { readonly route: Route; readonly ofNodes: boolean }

/**
 * `way`: by what pods of a network come, if routes or a tunnel say so. `open`: what has no route of its own leaves by a guarded
 * interface, as far as the main table says; or another table decides. `byLink`: a route that says so by a tunnel that no plugin made.
 */
interface Way {
  readonly way: 'guarded' | 'tunnel' | 'cloud' | undefined
  readonly open: boolean
  readonly byLink?: Route
}

/** Thousands of hosts may each name a network of their own, and a host then has a route to each. */
function wayBy(
  ranged: readonly RangedRoute[],
  host: HostNetwork,
  guarded: readonly string[],
): (network: DualNetwork) => Way {
  const { interfaces } = host
  const unicast = indexNetworks(ranged.filter(({ route }) => route.kind === 'unicast'))
  const blackholes = indexNetworks(ranged.filter(({ route }) => route.kind === 'blackhole'))
  const hidden = routedElsewhere(host, guarded).length > 0
  const wayOf = (network: DualNetwork, inside: readonly RangedRoute[]): Omit<Way, 'open'> => {
    const tunnels = interfaces.filter(({ name, up }) => up && isPodTunnelOf(network.family, name))
    const tunnelled = tunnels.some(({ addresses }) =>
      addresses.some((address) => {
        const own = parseDual(address)
        return own !== undefined && dualContains(network, own)
      }),
    )
    if (inside.some(({ route }) => areMeant(guarded, route.device ?? ''))) return { way: 'guarded' }
    const overlay = inside.some((range) => isOverlay(range, network, interfaces))
    if (tunnelled || overlay) return { way: 'tunnel' }
    if (inside.length === 0) return { way: undefined }
    const isOther = ({ route }: RangedRoute): boolean =>
      isOtherTunnel(route.device ?? '', interfaces)
    const leadsAway = (range: RangedRoute): boolean =>
      range.route.via !== undefined || isPodTunnel(range.route.device ?? '') || isOther(range)
    const away = inside.filter(leadsAway)
    const [link] = away
    if (link) return { way: 'tunnel', ...(away.every(isOther) && { byLink: link.route }) }
    // Calico: it has a blackhole for each block of this host, and makes a route for each block of another one. Which way, its pools say.
    const waits = blackholes.within(network).length > 0
    return { way: waits && tunnels.length > 0 ? undefined : 'cloud' }
  }
  return (network) => {
    const inside = unicast
      .within(network)
      .filter((range) => !range.ofNodes && !isOfVpn(range, network, interfaces))
    const around = unicast.around(network).find((range) => !inside.includes(range))
    const leaves = areMeant(guarded, around?.route.device ?? '')
    return { ...wayOf(network, inside), open: leaves || (network.family === 4 && hidden) }
  }
}

/**
 * Whether a route shows a virtual switch that carries pods of all hosts: it has no gateway, and leads to the whole pod network
 * (OpenShift SDN's `tun0`); or it leads to Antrea's gateway, and Open vSwitch has a tunnel. A bridge of pods is none.
 */
function isOverlay(
  range: RangedRoute,
  network: DualNetwork,
  interfaces: HostNetwork['interfaces'],
): boolean {
  const { via, device = '' } = range.route
  if (via !== undefined) return false
  if (/^antrea-gw\d+$/.test(device)) {
    return interfaces.some(({ name, up }) => up && /^(genev|vxlan|gre|stt)_sys(_\d+)?$/.test(name))
  }
  return isWhole(range, network) && !leadsToPods(device)
}

/** Whether an interface is a tunnel by its kind, such as a WireGuard that an administrator made. The name of one's own pods decides first. */
function isOtherTunnel(device: string, interfaces: HostNetwork['interfaces']): boolean {
  return !leadsToPods(device) && interfaces.some(({ name, tunnel }) => name === device && tunnel)
}

/**
 * Whether a route leads to the far ends of a VPN, such as one for administrators, and not to pods: the link has an address of its
 * own there, or the kernel made the route with such an address. A link to the whole pod network is an overlay.
 */
function isOfVpn(
  range: RangedRoute,
  network: DualNetwork,
  interfaces: HostNetwork['interfaces'],
): boolean {
  const { device = '', protocol } = range.route
  if (!isOtherTunnel(device, interfaces) || isWhole(range, network)) return false
  const addresses = interfaces.find(({ name }) => name === device)?.addresses ?? []
  const isInside = (text: string): boolean => {
    const own = parseDual(text)
    return own !== undefined && dualContains(range, own)
  }
  return protocol === 'kernel' || addresses.some(isInside)
}

function isWhole({ first, last }: DualNetwork, network: DualNetwork): boolean {
  return first === network.first && last === network.last
}

/** The same for the pod networks of one family. Where a tunnel leads to pods of one network, no routers of the cloud know those of another. */
function arrivalsOf(
  pods: readonly (Way & { readonly cidr: string })[],
  otherNodes: boolean,
): PodArrivals {
  const byCloud = otherNodes && !pods.some(({ way }) => way === 'tunnel')
  const isBare = ({ way, open }: Way): boolean =>
    way === 'guarded' || (way === 'cloud' && open && byCloud)
  const alike = pods.some(isBare)
  const bare = pods.filter((one) => isBare(one) || (one.way === undefined && one.open && alike))
  const unknown = pods.some(({ way }) => way !== undefined) ? [] : pods.filter(({ open }) => open)
  return {
    bare: bare.map(({ cidr }) => cidr),
    unknown: unknown.map(({ cidr }) => cidr),
    byLink: pods.flatMap(({ open, byLink }) => (open && byLink ? [byLink] : [])),
  }
}
