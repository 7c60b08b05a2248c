import { formatAddress, parseAddress } from '../../ip/ipv4.ts'
import { parseRange } from '../../ip/ipv4-ranges.ts'
import type { Packet } from '../packet.ts'
import { and, known, type Ternary } from '../ternary.ts'
import { rangeOf, within } from './packet-address.ts'

/**
 * The packet after DNAT to `10.42.1.10:8080`, to an address or a port alone, or to a range, of which any may be taken. After
 * NETMAP to `10.42.1.0/24` the destination keeps its last bits.
 */
export function translated(packet: Packet, to: string | undefined): Packet {
  const [, address = '', port] = /^([^:]*)(?::(.*))?$/.exec(to ?? '') ?? []
  const named =
    address === ''
      ? packet.destination
      : (mapped(packet, address) ?? (parseRange(address) && address))
  const destination = to === undefined ? undefined : named
  const destinationPort = port === undefined ? packet.destinationPort : oneNumber(port)
  const stays = and(
    address === '' && to !== undefined ? 'yes' : same(packet.destination, destination),
    port === undefined ? 'yes' : samePort(packet.destinationPort, destinationPort),
  )
  return {
    ...packet,
    destination,
    destinationPort,
    // For the kernel a connection is translated only if its address or port changes (net/netfilter/nf_nat_core.c). If it is
    // sent to one of several addresses, we take it for changed.
    dnat: stays === 'yes' ? packet.dnat : true,
    originalDestination: packet.destination,
    originalDestinationPort: packet.originalDestinationPort ?? packet.destinationPort,
  }
}

/** The address with the same last bits in another network. */
function mapped({ destination = '' }: Packet, to: string): string | undefined {
  const [network, host] = [parseRange(to), parseAddress(destination)]
  if (!to.includes('/') || !network || host === undefined) return undefined
  return formatAddress(network.first + (host % (network.last - network.first + 1)))
}

function same(before: string | undefined, after: string | undefined): Ternary {
  const [from, to] = [before, after].map(rangeOf)
  if (!from || !to) return 'maybe'
  const inside = within(from, to)
  return inside === 'yes' && to.first !== to.last ? 'maybe' : inside
}

function samePort(before: number | undefined, after: number | undefined): Ternary {
  return before === undefined || after === undefined ? 'maybe' : known(before === after)
}

function oneNumber(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined
}
