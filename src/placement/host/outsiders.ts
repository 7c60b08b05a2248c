import { formatAddress, parseAddress } from '../../ip/address.ts'
import { parseRange, type Range } from '../../ip/ranges.ts'
import { kindsBy } from '../kinds/kinds.ts'
import type { HostModel } from './host-model.ts'
import { devicesTo, routesTo } from './routing.ts'

/** Somebody who is not in the set; `near` if he is of the subnet behind the interface, else he comes over a router. */
export interface Outsider {
  readonly address: string
  readonly near: boolean
}

/**
 * Who may come in at an interface without being in the set: one of each kind that rules tell apart by source, a neighbour
 * of the subnet first. Whoever is neither in the set, nor the host itself, nor a pod, nor behind another interface is
 * one, a gateway or load balancer as well: our rule turns them all away.
 */
export function outsidersOn(model: HostModel, on: string): readonly Outsider[] {
  const { intent, world, routes, sources } = model
  const taken = [...intent.members, ...world.localAddresses, ...martian].flatMap(
    (text) => parseRange(text) ?? [],
  )
  const own = [...taken, ...model.podNetworks].map((range) => [range])
  const { rows } = kindsBy([...model.asked.source, ...own, ...routes.map((route) => [route])])
  const insiders = kindsBy([[...taken, ...model.podNetworks]])
  const candidates = [
    ...subnetsOn(model, on).flatMap((subnet) => parseAddress(freeIn(model, subnet) ?? '') ?? []),
    ...[parseAddress('203.0.113.77') ?? 0],
    ...rows.map(({ first, last }) => (last > first ? first + 1 : first)),
  ]
  const found = new Map<string, Outsider>()
  for (const address of candidates) {
    if (insiders.of(address) !== '') continue
    const [route] = routesTo(address, routes)
    const devices = devicesTo(address, routes)
    const elsewhere = route && route.cidr !== '0.0.0.0/0' && !devices.includes(on)
    const key = `${sources.of(address)}|${devices.join(' ')}`
    if (elsewhere || found.has(key)) continue
    const near = route?.via === undefined && devices.includes(on)
    found.set(key, { address: formatAddress(address), near })
  }
  return [...found.values()]
}

/** What no packet on the wire may have for a source: this network, loopback, multicast and beyond. */
const martian = ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/3']

/** The subnets of those who need no router to send to an interface. */
export function subnetsOn({ routes }: HostModel, on: string): readonly Range[] {
  return routes.filter(
    ({ first, last, route: { kind, device, via } }) =>
      kind === 'unicast' && device === on && !via && last > first,
  )
}

/** The last address of a subnet that is neither in the set nor the host's own, nor a gateway's, nor one of the others. */
export function freeIn(
  { intent, world, routes }: HostModel,
  subnet: Range,
  others: readonly string[] = [],
): string | undefined {
  const gateways = routes.flatMap(({ route: { via } }) => via ?? [])
  const taken = new Set([...intent.members, ...world.localAddresses, ...gateways, ...others])
  for (let address = subnet.last - 1; address > subnet.first; address--) {
    const text = formatAddress(address)
    if (!taken.has(text)) return text
  }
  return undefined
}
