import { knownBits, unknownBits } from './bits.ts'
import { type ConnectionState, makePacket, type Packet } from './packet.ts'

/** A packet as somebody asks about it: what it is like on the wire. What is `undefined` may be anything. */
export interface Arrival {
  readonly in: string
  /** Where it leaves; undefined: where the routes say. */
  readonly out: string | undefined
  readonly source: string
  readonly destination: string
  readonly protocol: 'tcp' | 'udp' | 'icmp' | undefined
  readonly sourcePort: number | undefined
  readonly destinationPort: number | undefined
  readonly state: ConnectionState
}

/**
 * The packet as it comes to the first chain, unmarked. A new one is as a first packet is, a SYN or an echo request, of
 * a connection that nobody has marked or translated; of any other, the connection is not known.
 */
export function arrivingPacket(arrival: Arrival): Packet {
  const { protocol, state } = arrival
  const packet = makePacket({ ...arrival, mark: knownBits(0), connmark: unknownBits })
  if (state !== 'NEW') return packet
  return {
    ...packet,
    tcpFlags: protocol === 'tcp' ? ['SYN'] : undefined,
    icmpType: protocol === 'icmp' ? 8 : undefined,
    icmpCode: protocol === 'icmp' ? 0 : undefined,
    direction: 'ORIGINAL',
    snat: false,
    dnat: false,
    connmark: knownBits(0),
  }
}
