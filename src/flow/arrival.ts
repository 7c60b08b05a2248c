import { knownBits, unknownBits } from './bits.ts'
import { type ConnectionState, makePacket, type Packet } from './packet.ts'

/** A packet on the wire, as a user describes it. What is `undefined` is not given, so it may be anything. */
export interface Arrival {
  readonly in: string
  /** The interface by which it leaves; undefined if the routes decide. */
  readonly out: string | undefined
  readonly source: string
  readonly destination: string
  readonly protocol: 'tcp' | 'udp' | 'icmp' | undefined
  readonly sourcePort: number | undefined
  readonly destinationPort: number | undefined
  readonly state: ConnectionState
}

/**
 * The packet as the first chain gets it, without a mark. A NEW packet is a SYN or an echo request, and its connection is
 * neither marked nor translated. The connection of any other packet is not known.
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
