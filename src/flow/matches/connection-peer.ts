import { parseRange } from '../../ip/ipv4-ranges.ts'
import type { Packet } from '../packet.ts'
import { known } from '../ternary.ts'
import { rangeOf, within } from '../walking/packet-address.ts'
import type { Predicate } from './predicate.ts'

/** Reads an option of `-m conntrack` that asks for the addresses or the port of the connection; undefined for others. */
export function readPeer(name: string, value: string): Predicate | undefined {
  if (name === 'ctorigdstport') {
    const [low = 0, high = low] = value.split(':').map(Number)
    return (packet) => {
      const port = originalPort(packet)
      return port === undefined ? 'maybe' : known(port >= low && port <= high)
    }
  }
  const address = addresses.get(name)
  const range = parseRange(value)
  if (!address || !range) return undefined
  return (packet) => {
    const some = rangeOf(address(packet))
    return some ? within(some, range) : 'maybe'
  }
}

/**
 * The addresses of a connection, worked out from one of its packets between PREROUTING and POSTROUTING. There nat
 * has translated the destination already (or the packet says what it will be), in both directions. The source is not
 * translated yet. A RELATED packet says nothing of its connection.
 */
const addresses: ReadonlyMap<string, (packet: Packet) => string | undefined> = new Map(
  Object.entries<(packet: Packet) => string | undefined>({
    ctorigsrc: client,
    ctorigdst: (packet) =>
      packet.originalDestination ?? (packet.dnat === false ? server(packet) : undefined),
    ctreplsrc: server,
    ctrepldst: (packet) => (packet.snat === false ? client(packet) : undefined),
  }),
)

function client(packet: Packet): string | undefined {
  return end(packet, packet.source, translated(packet))
}

function server(packet: Packet): string | undefined {
  return end(packet, translated(packet), packet.source)
}

function translated({ translatedDestination, destination }: Packet): string | undefined {
  return translatedDestination ?? destination
}

function originalPort(packet: Packet): number | undefined {
  if (packet.originalDestinationPort !== undefined || packet.dnat !== false) {
    return packet.originalDestinationPort
  }
  return end(packet, packet.destinationPort, packet.sourcePort)
}

function end<T>({ state, direction }: Packet, sent: T, answered: T): T | undefined {
  if (state === 'NEW') return sent
  if (state !== 'ESTABLISHED' || direction === undefined) return undefined
  return direction === 'ORIGINAL' ? sent : answered
}
