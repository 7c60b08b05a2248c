import { type Bits, either, unknownBits } from './bits.ts'
import { known, type Ternary } from './ternary.ts'

/** The conntrack state of a packet. */
export type ConnectionState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED'

/**
 * One packet as a chain sees it. What is `undefined` is not known, so a match that asks for it is in doubt. An address may
 * be a network, such as `10.42.0.0/16`: one of its addresses. An interface may end in `+`: one whose name begins so. The
 * empty name is no interface, as `out` in PREROUTING.
 */
export interface Packet {
  readonly in: string | undefined
  readonly out: string | undefined
  readonly source: string | undefined
  readonly destination: string | undefined
  /** A name, such as `tcp`, or a number, such as `6`. */
  readonly protocol: string | undefined
  readonly sourcePort: number | undefined
  readonly destinationPort: number | undefined
  /** The flags that are set, by their names in iptables: `['SYN', 'ACK']`. */
  readonly tcpFlags: readonly string[] | undefined
  readonly icmpType: number | undefined
  readonly icmpCode: number | undefined
  readonly state: ConnectionState | undefined
  readonly direction: 'ORIGINAL' | 'REPLY' | undefined
  /** Whether nat has translated the source, or the destination, of the connection by now. */
  readonly snat: boolean | undefined
  readonly dnat: boolean | undefined
  /** The destination of the connection's first packet, before DNAT. */
  readonly originalDestination: string | undefined
  readonly originalDestinationPort: number | undefined
  /** The destination that nat will give it; undefined if nat changes nothing or has done so. */
  readonly translatedDestination: string | undefined
  /** Whether a bridge of this host passes it on; else the host routes it. */
  readonly bridged: boolean | undefined
  /** Whether it came by IPsec and was decrypted on this host. */
  readonly decapsulated: boolean | undefined
  readonly mark: Bits
  readonly connmark: Bits
}

/** Makes a packet of what is known about it. By name, because to spread an object into another one costs V8 a hundred times as much. */
export function makePacket(about: Partial<Packet>): Packet {
  return {
    in: about.in,
    out: about.out,
    source: about.source,
    destination: about.destination,
    protocol: about.protocol,
    sourcePort: about.sourcePort,
    destinationPort: about.destinationPort,
    tcpFlags: about.tcpFlags,
    icmpType: about.icmpType,
    icmpCode: about.icmpCode,
    state: about.state,
    direction: about.direction,
    snat: about.snat,
    dnat: about.dnat,
    originalDestination: about.originalDestination,
    originalDestinationPort: about.originalDestinationPort,
    translatedDestination: about.translatedDestination,
    bridged: about.bridged,
    decapsulated: about.decapsulated,
    mark: about.mark ?? unknownBits,
    connmark: about.connmark ?? unknownBits,
  }
}

/** Whether the packet belongs to a connection. An INVALID or UNTRACKED packet does not. */
export function hasConnection({ state }: Packet): Ternary {
  if (state === undefined) return 'maybe'
  return known(state !== 'INVALID' && state !== 'UNTRACKED')
}

/** What is known of a packet that is one of two. They may differ in marks and tracking only. */
export function eitherPacket(a: Packet, b: Packet): Packet {
  if (a === b) return a
  const [mark, connmark] = [either(a.mark, b.mark), either(a.connmark, b.connmark)]
  const tracked =
    a.state === b.state && a.direction === b.direction && a.dnat === b.dnat && a.snat === b.snat
  if (tracked && mark === a.mark && connmark === a.connmark) return a
  const alike = <K extends keyof Packet>(key: K): Packet[K] | undefined =>
    a[key] === b[key] ? a[key] : undefined
  return {
    ...a,
    mark,
    connmark,
    state: alike('state'),
    direction: alike('direction'),
    dnat: alike('dnat'),
    snat: alike('snat'),
  }
}
