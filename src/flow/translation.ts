import { formatAddress, parseAddress, parseRange } from './addresses.ts'
import type { Packet } from './packet.ts'

/**
 * The packet after DNAT to `10.42.1.10:8080`, to an address or a port alone, or to ranges, of which any may be taken; after
 * NETMAP to `10.42.1.0/24`, which leaves the host its number.
 */
export function translated(packet: Packet, to: string | undefined): Packet {
  const [, address = '', port] = /^([^:]*)(?::(.*))?$/.exec(to ?? '') ?? []
  const known =
    address === ''
      ? packet.destination
      : (mapped(packet, address) ?? (parseRange(address) && address))
  return {
    ...packet,
    destination: to === undefined ? undefined : known,
    destinationPort: port === undefined ? packet.destinationPort : oneNumber(port),
    dnat: true,
    originalDestination: packet.destination,
    originalDestinationPort: packet.destinationPort,
  }
}

/** The same host in another network. */
function mapped({ destination = '' }: Packet, to: string): string | undefined {
  const [network, host] = [parseRange(to), parseAddress(destination)]
  if (!to.includes('/') || !network || host === undefined) return undefined
  return formatAddress(network.first + (host % (network.last - network.first + 1)))
}

function oneNumber(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined
}
