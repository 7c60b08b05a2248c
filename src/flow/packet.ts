import { known, type Ternary } from '../ternary.ts'
import { type Bits, either, unknownBits } from './bits.ts'

/** What conntrack says of a packet. */
export type ConnectionState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED'

/**
 * One packet as a chain sees it. What is `undefined` is not known, and a match that asks for it is in doubt. An
 * address may be a network, `10.42.0.0/16`: some address in it. An interface may end in `+`: some interface whose
 * name begins so; an empty name is none, as `out` in INPUT.
 */
export interface Packet {
  readonly in: string | undefined
  readonly out: string | undefined
  readonly source: string | undefined
  readonly destination: string | undefined
  /** A name, `tcp`, or a number, `6`. */
  readonly protocol: string | undefined
  readonly sourcePort: number | undefined
  readonly destinationPort: number | undefined
  /** The flags that are set, as iptables spells them: `['SYN', 'ACK']`. */
  readonly tcpFlags: readonly string[] | undefined
  readonly icmpType: number | undefined
  readonly icmpCode: number | undefined
  readonly state: ConnectionState | undefined
  readonly direction: 'ORIGINAL' | 'REPLY' | undefined
  /** Whether the connection has its source or its destination translated, so far. */
  readonly snat: boolean | undefined
  readonly dnat: boolean | undefined
  /** Where the first packet of the connection went, before DNAT. */
  readonly originalDestination: string | undefined
  readonly originalDestinationPort: number | undefined
  /** Where nat is about to send it, as long as that is not its destination yet. */
  readonly translatedDestination: string | undefined
  /** Whether a bridge of this host passes it on, rather than the host routes it. */
  readonly bridged: boolean | undefined
  /** Whether it came by IPsec and was decrypted on this host. */
  readonly decapsulated: boolean | undefined
  readonly mark: Bits
  readonly connmark: Bits
}

/** Makes a packet of what is known about it. */
export function makePacket(about: Partial<Packet>): Packet {
  return { ...nothingKnown, ...about }
}

/** Whether conntrack has a connection for the packet: it has none for an invalid or untracked one. */
export function hasConnection({ state }: Packet): Ternary {
  if (state === undefined) return 'maybe'
  return known(state !== 'INVALID' && state !== 'UNTRACKED')
}

/** What is known of a packet that is one of two, which differ in their marks and in their tracking only. */
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

const nothingKnown: Packet = {
  in: undefined,
  out: undefined,
  source: undefined,
  destination: undefined,
  protocol: undefined,
  sourcePort: undefined,
  destinationPort: undefined,
  tcpFlags: undefined,
  icmpType: undefined,
  icmpCode: undefined,
  state: undefined,
  direction: undefined,
  snat: undefined,
  dnat: undefined,
  originalDestination: undefined,
  originalDestinationPort: undefined,
  translatedDestination: undefined,
  bridged: undefined,
  decapsulated: undefined,
  mark: unknownBits,
  connmark: unknownBits,
}
