import { devicesTowards, routesTowards } from '../../facts/routes.ts'
import { memberSet } from '../../guard/intent.ts'
import { formatAddress, parseAddress } from '../../ip/ipv4.ts'
import { parseRange, type Range } from '../../ip/ipv4-ranges.ts'
import { kindsBy } from '../kinds/kinds.ts'
import { type HostModel, rangesOf } from './host-model.ts'

/** A source that is not in the set, nor one of the host's own, nor a pod. Gateways and load balancers are among them. */
export interface Outsider {
  readonly address: string
  /** Whether it is on the subnet of the interface; else it comes over a router. */
  readonly onSubnet: boolean
}

const known = new WeakMap<HostModel, Map<string, readonly Outsider[]>>()

/**
 * The outsiders that may come in by an interface: one of each kind of source, one on the subnet first. A source that the
 * routes know behind another interface is none: the kernel would not expect it here. Several checks ask, so they are kept.
 */
export function outsidersOn(model: HostModel, on: string): readonly Outsider[] {
  const ofModel = known.get(model) ?? new Map<string, readonly Outsider[]>()
  known.set(model, ofModel)
  const found = ofModel.get(on) ?? findOutsiders(model, on)
  ofModel.set(on, found)
  return found
}

function findOutsiders(model: HostModel, on: string): readonly Outsider[] {
  const { intent, world, routes, sources } = model
  const others = [...world.localAddresses, ...martians].flatMap((text) => parseRange(text) ?? [])
  const noOutsiders = [...rangesOf(intent.members), ...others, ...model.podNetworks]
  const apart = [...noOutsiders, ...routes].map((range) => [range])
  const { rows } = kindsBy([...model.matched.sources, ...apart])
  const insiders = kindsBy([noOutsiders])
  const candidates = [
    ...subnetsOn(model, on).flatMap(
      (subnet) => parseAddress(freeAddressIn(model, subnet) ?? '') ?? [],
    ),
    ...[parseAddress('203.0.113.77') ?? 0],
    ...rows.map(({ first, last }) => (last > first ? first + 1 : first)),
  ]
  const found = new Map<string, Outsider>()
  for (const address of candidates) {
    if (insiders.of(address) !== '') continue
    const text = formatAddress(address)
    const [route] = routesTowards(text, intent.network.routes)
    const devices = devicesTowards(text, intent.network.routes)
    const elsewhere = route && route.cidr !== '0.0.0.0/0' && !devices.includes(on)
    const kind = `${sources.of(address)}|${devices.join(' ')}`
    if (elsewhere || found.has(kind)) continue
    const onSubnet = route?.via === undefined && devices.includes(on)
    found.set(kind, { address: text, onSubnet })
  }
  return [...found.values()]
}

/** Addresses that no packet on a network may have as source: this network, loopback, multicast and beyond. */
const martians = ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/3']

/** The subnets of an interface: hosts there reach it without a router. */
export function subnetsOn({ routes }: HostModel, on: string): readonly Range[] {
  return routes.filter(
    ({ first, last, route: { kind, device, via } }) =>
      kind === 'unicast' && device === on && !via && last > first,
  )
}

/** The last address of a subnet that is not in the set, nor the host's own, nor a gateway's, nor among `others`. */
export function freeAddressIn(
  { intent, world, routes }: HostModel,
  subnet: Range,
  others: readonly string[] = [],
): string | undefined {
  const gateways = routes.flatMap(({ route: { via } }) => via ?? [])
  const members = memberSet(intent.members)
  const taken = new Set([...world.localAddresses, ...gateways, ...others])
  for (let address = subnet.last - 1; address > subnet.first; address--) {
    const text = formatAddress(address)
    if (!taken.has(text) && !members.has(text)) return text
  }
  return undefined
}
