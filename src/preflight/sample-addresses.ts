import ipaddr from 'ipaddr.js'
import type { HostFacts } from '../facts/host-facts.ts'
import type { Route } from '../facts/routes.ts'
import type { ProtectIntent } from '../plan/intent.ts'

/** A pod to send a packet to: its address, the interface that leads to it, and whether it is on this host. */
export interface Destination {
  readonly address: string
  readonly out: string
  readonly here: boolean
}

/** A pod of this host and, where a route says so, one of another host. Without any pod here, one as Calico would make. */
export function podDestinations(
  { routes }: HostFacts,
  { podCidrs }: ProtectIntent,
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
  const first = pods[0]
  if (!first) return []
  const anyPod = { address: addressIn(`${first[0]}/${first[1]}`), out: 'cali+', here: true }
  return [
    here ? destination(here, true) : anyPod,
    ...(elsewhere ? [destination(elsewhere, false)] : []),
  ]
}

/** An address of the subnet behind an interface that is neither in the set nor the host's own. */
export function outsiderFor(
  { routes, interfaces }: HostFacts,
  { members }: ProtectIntent,
  on: string,
): string {
  const taken = new Set([...members, ...interfaces.flatMap(({ addresses }) => addresses)])
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
  return { address: addressIn(cidr), out: device ?? '', here }
}

/** The address of a /32, or the tenth of a larger network. */
function addressIn(cidr: string): string {
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
