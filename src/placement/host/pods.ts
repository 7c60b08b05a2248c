import { isPodTunnel } from '../../facts/pod-devices.ts'
import { formatAddress, parseAddress } from '../../ip/address.ts'
import { parseRange, type Range } from '../../ip/ranges.ts'
import { kindsBy } from '../kinds/kinds.ts'
import { type HostModel, imaginedDevice } from './host-model.ts'
import { inside, type RangedRoute } from './routing.ts'

/**
 * A pod to send a packet to, or to get one from: its address, the interface that leads to it, and whether it is on this
 * host. `real` if a route knows it; where a host has no pod of a network, one is imagined.
 */
export interface Pod {
  readonly address: string
  readonly out: string
  readonly here: boolean
  readonly real: boolean
}

/**
 * Of each pod network, the pods of this host and of others: one of each kind that rules tell apart by its address or by
 * the interface that leads to it, because with CrossSubnet some come out of a tunnel and some bare.
 */
export function podsOf(model: HostModel): readonly Pod[] {
  const { asked, routes, destinations, filtered, deviceKind, world } = model
  const own = world.localAddresses.flatMap((address) => parseRange(address) ?? [])
  const apart = [...routes, ...own].map((range) => [range])
  const { rows } = kindsBy([...asked.podSource, ...asked.destination, ...apart])
  const found = new Map<string, Pod>()
  for (const pod of model.podNetworks.flatMap((network) => podsIn(model, network, rows))) {
    const address = parseAddress(pod.address) ?? 0
    const device = pod.here ? deviceKind(pod.out) : pod.out
    const key = [pod.here, device, destinations.of(address), filtered.sources.of(address)].join('|')
    if (!found.has(key)) found.set(key, pod)
  }
  return [...found.values()]
}

/** A pod of each route, then one of each row of addresses: routed, behind the default route, or imagined, in this order. */
function podsIn(model: HostModel, network: Range, rows: readonly Range[]): readonly Pod[] {
  const { interfaces: guarded } = model.intent
  const within = model.routes.filter((route) => inside(route, network))
  const routes = within.filter(({ route: { kind, device } }) => kind === 'unicast' && device)
  const bare = bareBehindDefault(model, network, within)
  const podAt = (address: number): Pod => {
    const route = routes.find(({ first, last }) => address >= first && address <= last)?.route
    if (!route) {
      const imagined = imaginedAt(address)
      return bare ? { ...imagined, out: bare, here: false, real: true } : imagined
    }
    const { via, device = '' } = route
    const here = !via && !guarded.includes(device)
    return { address: formatAddress(address), out: device, here, real: true }
  }
  const pods = [
    ...routes.map((route) => podAt(tenth(route))),
    ...rows
      .filter(({ first, last }) => first <= network.last && last >= network.first)
      .map(({ first, last }) => {
        const low = Math.max(first, network.first)
        return podAt(low + (Math.min(last, network.last) > low ? 1 : 0))
      }),
  ].filter(({ address }) => !model.world.localAddresses.includes(address))
  const kind = (pod: Pod): string => model.destinations.of(parseAddress(pod.address) ?? 0)
  const real = pods.filter((pod) => pod.real)
  const known = new Set(real.map(kind))
  const imagined = real.some(({ here }) => here)
    ? pods.filter((pod) => !pod.real && !known.has(kind(pod)))
    : [imaginedAt(tenth(network)), ...pods.filter((pod) => !pod.real)]
  return [...real, ...imagined].sort((a, b) => Number(b.here) - Number(a.here))
}

function imaginedAt(address: number): Pod {
  return { address: formatAddress(address), out: imaginedDevice, here: true, real: false }
}

/** The tenth address of a network, or its last. */
export function tenth({ first, last }: Range): number {
  return Math.min(first + 10, last)
}

/**
 * The guarded interface by which pods of other hosts arrive bare, where only a cloud's routes know them (kubenet): there
 * are other hosts and pods here, but no route leads to pods elsewhere, and the default route leaves by that interface.
 * A blackhole is Calico's, which makes a route for each block of other hosts once there is one, as flannel does.
 */
function bareBehindDefault(
  model: HostModel,
  network: Range,
  within: readonly RangedRoute[],
): string | undefined {
  const { intent, world, routes } = model
  const { interfaces: known } = intent.network
  if (known.some(({ name }) => isPodTunnel(name)) || flannelIn(model)) return undefined
  const others = intent.members.some((member) => !world.localAddresses.includes(member))
  const local = within.filter(
    ({ route: { kind, via, device = '' } }) =>
      kind === 'unicast' && !via && !intent.interfaces.includes(device),
  )
  if (!others || local.length === 0 || local.length < within.length) return undefined
  const device = routes.find((route) => inside(network, route) && !within.includes(route))?.route
    .device
  return device !== undefined && intent.interfaces.includes(device) ? device : undefined
}

function flannelIn({ ruleset }: HostModel): boolean {
  return ruleset.tables.get('filter')?.has('FLANNEL-FWD') ?? false
}
