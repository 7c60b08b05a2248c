import { ownNetworks } from '../../facts/own-networks.ts'
import { isPodTunnelOf } from '../../facts/pod-interface-names.ts'
import { formatAddress, parseAddress } from '../../ip/ipv4.ts'
import { parseRange, type Range } from '../../ip/ipv4-ranges.ts'
import { kindsBy } from '../kinds/kinds.ts'
import { type HostModel, inventedDevice } from './host-model.ts'
import { inside, type RangedRoute } from './routing.ts'
import { hasFlannel, hasTunnel } from './tunnels-at-work.ts'

/** A pod that sends or gets sample packets. */
export interface Pod {
  readonly address: string
  /** The interface that leads to it. */
  readonly out: string
  /** Whether it runs on this host. */
  readonly here: boolean
  /** Whether a route leads to it; else it is invented, because this host has no pod of that network or kind yet. */
  readonly real: boolean
}

/**
 * The pods of each pod network, on this host and on others: one of each kind, by address and by the interface that leads
 * to it. The interface matters because with CrossSubnet some pods are behind a tunnel and some are bare.
 */
export function podsOf(model: HostModel): readonly Pod[] {
  const { matched, routes, destinations, withoutNat, deviceKind, world } = model
  const own = world.localAddresses.flatMap((address) => parseRange(address) ?? [])
  const apart = [...routes, ...own].map((range) => [range])
  const { rows } = kindsBy([...matched.podSources, ...matched.destinations, ...apart])
  const found = new Map<string, Pod>()
  for (const pod of model.podNetworks.flatMap((network) => podsIn(model, network, rows))) {
    const address = parseAddress(pod.address) ?? 0
    const device = pod.here ? deviceKind(pod.out) : pod.out
    const kind = [pod.here, device, destinations.of(address), withoutNat.sources.of(address)]
    if (!found.has(kind.join('|'))) found.set(kind.join('|'), pod)
  }
  return [...found.values()]
}

/** A pod of each route and of each row of addresses. Real ones come first, and of these the ones on this host. */
function podsIn(model: HostModel, network: Range, rows: readonly Range[]): readonly Pod[] {
  const { interfaces: guarded } = model.intent
  // The nodes' own subnet is none of pods, even where a pod network holds it.
  const ofNodes = ownNetworks(model.intent.network, (device) => guarded.includes(device))
  const within = model.routes.filter(
    (route) => inside(route, network) && !ofNodes.includes(route.route),
  )
  const routes = within.filter(({ route: { kind, device } }) => kind === 'unicast' && device)
  const bareDevice = bareDeviceOf(model, network)
  const podAt = (address: number): Pod => {
    const route = routes.find(({ first, last }) => address >= first && address <= last)?.route
    if (!route) {
      const invented = inventedAt(address)
      return bareDevice ? { ...invented, out: bareDevice, here: false, real: true } : invented
    }
    const { via, device = '' } = route
    const here = !via && !guarded.includes(device)
    return { address: formatAddress(address), out: device, here, real: true }
  }
  const pods = [
    ...routes.map((route) => podAt(tenthAddress(route))),
    ...rows
      .filter(({ first, last }) => first <= network.last && last >= network.first)
      .map(({ first, last }) => {
        const low = Math.max(first, network.first)
        return podAt(low + (Math.min(last, network.last) > low ? 1 : 0))
      }),
  ].filter(({ address }) => !model.world.localAddresses.includes(address))
  const kind = (pod: Pod): string => model.destinations.of(parseAddress(pod.address) ?? 0)
  const real = pods.filter((pod) => pod.real)
  const realKinds = new Set(real.map(kind))
  const invented = real.some(({ here }) => here)
    ? pods.filter((pod) => !pod.real && !realKinds.has(kind(pod)))
    : [inventedAt(tenthAddress(network)), ...pods.filter((pod) => !pod.real)]
  return [...real, ...invented].sort((a, b) => Number(b.here) - Number(a.here))
}

function inventedAt(address: number): Pod {
  return { address: formatAddress(address), out: inventedDevice, here: true, real: false }
}

/** The tenth address of a network, or its last. */
export function tenthAddress({ first, last }: Range): number {
  return Math.min(first + 10, last)
}

/**
 * The guarded interface by which pods of other hosts arrive bare although no route names them, as with kubenet: only
 * the routers of the cloud know them. Three things show this: there are other hosts, all routes of the network lead to
 * pods here, and the default route leaves by that interface.
 * A network without routes is taken for one like the others, because the same plugin serves it.
 *
 * Flannel is different, and Calico with a tunnel: they make a route for each block of another host once it exists. Without a tunnel,
 * the routers alone may know the blocks of others, and Calico's blackhole route for a block of this host tells only of pods here.
 */
function bareDeviceOf(model: HostModel, network: Range): string | undefined {
  const { intent, world, routes, podNetworks } = model
  const otherHosts = intent.members.some((member) => !world.localAddresses.includes(member))
  const isWithin = (route: RangedRoute): boolean => inside(route, network)
  const alike = routes.some(isWithin) ? [network] : podNetworks
  if (!otherHosts || hasOverlay(model, network)) return undefined
  if (!alike.some((one) => !hasOverlay(model, one) && leadHere(model, one))) return undefined
  const device = routes.find((route) => inside(network, route) && !isWithin(route))?.route.device
  return device !== undefined && intent.interfaces.includes(device) ? device : undefined
}

function hasOverlay(model: HostModel, network: Range): boolean {
  return hasTunnel(model, network) || hasFlannel(model, network)
}

/** Whether a network has routes, and all of them lead to pods here. */
function leadHere({ intent, routes }: HostModel, network: Range): boolean {
  const within = routes.filter((route) => inside(route, network))
  const tunnelled = intent.network.interfaces.some(({ name, up }) => up && isPodTunnelOf(4, name))
  return (
    within.length > 0 &&
    within.every(({ route: { kind, via, device = '' } }) =>
      kind === 'blackhole'
        ? !tunnelled
        : kind === 'unicast' && !via && !intent.interfaces.includes(device),
    )
  )
}
