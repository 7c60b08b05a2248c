import { parseRange } from './addresses.ts'
import type { Packet } from './packet.ts'

/** The packet after DNAT to `10.42.1.10:8080`, to an address or a port alone, or to ranges, of which any may be taken. */
export function translated(packet: Packet, to: string | undefined): Packet {
  const [, address = '', port] = /^([^:]*)(?::(.*))?$/.exec(to ?? '') ?? []
  const known = address === '' ? packet.destination : parseRange(address) && address
  return {
    ...packet,
    destination: to === undefined ? undefined : known,
    destinationPort: port === undefined ? packet.destinationPort : oneNumber(port),
    dnat: true,
    originalDestination: packet.destination,
    originalDestinationPort: packet.destinationPort,
  }
}

function oneNumber(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined
}
