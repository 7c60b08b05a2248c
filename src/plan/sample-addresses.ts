import ipaddr from 'ipaddr.js'
import type { Route } from '../facts/routes.ts'
import type { HostNetwork } from './intent.ts'

/**
 * A pod to send a packet to: its address, the interface that leads to it, and whether it is on this host. `real` if a
 * route knows it; on a host without pods, one is imagined as Calico would make it.
 */
export interface Destination {
  readonly address: string
  readonly out: string
  readonly here: boolean
  readonly real: boolean
}

/** A pod of this host and, where a route says so, one of another host. */
export function podDestinations(
  { routes }: HostNetwork,
  podCidrs: readonly string[],
): readonly Destination[] {
  const pods = podCidrs.map((cidr) => ipaddr.IPv4.parseCIDR(cidr))
  const toPods = routes.filter(({ cidr, kind, device }) => {
    const [network, length] = ipaddr.IPv4.parseCIDR(cidr)
    return (
      kind === 'unicast' && device && pods.some((pod) => length >= pod[1] && network.match(pod))
    )
  })
  const here = toPods.find(({ via }) => !via)
  const elsewhere = toPods.find(({ via }) => via)
  const first = podCidrs[0]
  if (!first) return []
  const imagined = { address: podAddress(first), out: 'cali+', here: true, real: false }
  return [
    here ? destination(here, true) : imagined,
    ...(elsewhere ? [destination(elsewhere, false)] : []),
  ]
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
