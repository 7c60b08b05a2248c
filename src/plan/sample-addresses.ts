import ipaddr from 'ipaddr.js'
import type { Route } from '../facts/routes.ts'
import type { HostNetwork } from './intent.ts'

/**
 * A pod to send a packet to: its address, the interface that leads to it, and whether it is on this host. `real` if a
 * route knows it; where a host has no pod of a network, one is imagined as Calico would make it.
 */
export interface Destination {
  readonly address: string
  readonly out: string
  readonly here: boolean
  readonly real: boolean
}

/**
 * Of each pod network, a pod of this host and, where routes say so, one of another host for each interface that leads
 * there: with CrossSubnet some come out of a tunnel and some bare.
 */
export function podDestinations(
  { routes }: HostNetwork,
  podCidrs: readonly string[],
): readonly Destination[] {
  const found = podCidrs.flatMap((cidr) => {
    const pod = ipaddr.IPv4.parseCIDR(cidr)
    const inside = routes.filter((route) => {
      const [network, length] = ipaddr.IPv4.parseCIDR(route.cidr)
      return route.kind === 'unicast' && route.device && length >= pod[1] && network.match(pod)
    })
    const here = inside.find(({ via }) => !via)
    const elsewhere = onePerDevice(inside.filter(({ via }) => via))
    const imagined = { address: podAddress(cidr), out: 'cali+', here: true, real: false }
    return [
      here ? destination(here, true) : imagined,
      ...elsewhere.map((route) => destination(route, false)),
    ]
  })
  return [...new Map(found.map((one) => [`${one.address} ${one.out}`, one])).values()]
}

function onePerDevice(routes: readonly Route[]): readonly Route[] {
  return routes.filter(({ device }, i) => routes.findIndex((one) => one.device === device) === i)
}

/** An address of the subnet behind an interface that is neither in the set nor the host's own, nor a gateway's. */
export function outsiderFor(
  { routes, interfaces }: HostNetwork,
  members: readonly string[],
  on: string,
): string {
  const gateways = routes.flatMap(({ via }) => via ?? [])
  const own = interfaces.flatMap(({ addresses }) => addresses)
  const taken = new Set([...members, ...own, ...gateways])
  const subnet = routes.find(
    ({ kind, device, via, cidr }) =>
      kind === 'unicast' && device === on && !via && !cidr.endsWith('/32'),
  )
  if (!subnet) return '203.0.113.77'
  const [first, last] = ends(subnet.cidr)
  for (let number = last - 1; number > first; number--) {
    const address = addressOf(number)
    if (!taken.has(address)) return address
  }
  return '203.0.113.77'
}

/** The interface that the longest route to an address leads to; the default route counts for nothing. */
export function deviceTowards({ routes }: HostNetwork, address: string): string | undefined {
  if (!ipaddr.IPv4.isValid(address)) return undefined
  const at = ipaddr.IPv4.parse(address)
  const length = ({ cidr }: Route): number => ipaddr.IPv4.parseCIDR(cidr)[1]
  const fitting = routes.filter(
    (route) =>
      route.kind === 'unicast' && length(route) > 0 && at.match(ipaddr.IPv4.parseCIDR(route.cidr)),
  )
  return fitting.sort((a, b) => length(b) - length(a))[0]?.device
}

function destination({ cidr, device }: Route, here: boolean): Destination {
  return { address: podAddress(cidr), out: device ?? '', here, real: true }
}

/** The address of a /32, or the tenth of a larger network. */
export function podAddress(cidr: string): string {
  const [first, last] = ends(cidr)
  return addressOf(Math.min(first + 10, last))
}

function ends(cidr: string): [first: number, last: number] {
  const [address, length] = ipaddr.IPv4.parseCIDR(cidr)
  const size = 2 ** (32 - length)
  const number = address.octets.reduce((sum, octet) => sum * 256 + octet, 0)
  const first = Math.floor(number / size) * size
  return [first, first + size - 1]
}

function addressOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}
