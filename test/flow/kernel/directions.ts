import { knownBits } from '../../../src/flow/bits.ts'
import { makePacket, type Packet } from '../../../src/flow/packet.ts'
import type { Datagram, Link, Payload } from './frames.ts'
import {
  bridgePorts,
  connmarks,
  interfaceOf,
  localAddresses,
  marks,
  masqueraded,
  tosOf,
  translated,
} from './landscape.ts'

/** One packet to try: what must pass before it, what goes on the wire, and what it is when it comes to FORWARD. */
export interface Probe {
  readonly opening: readonly Sent[]
  readonly sent: Sent
  readonly packet: Packet
}

/** A datagram as it arrives at an interface of the router. */
export interface Sent {
  readonly link: Link
  readonly datagram: Datagram
}

/** A connection to make: who speaks to whom, with which marks by their index. */
export interface Flow {
  readonly client: string
  readonly server: string
  readonly payload: Payload
  readonly mark: number
  readonly connmark: number
  /** Whether the bridge passes it on, rather than the router. */
  readonly bridged: boolean
}

/** The first packet of a connection. */
export function open(flow: Flow): Sent {
  return forth([], flow, {}).sent
}

/** A packet of the client, as it is sent and as FORWARD sees it. */
export function forth(opening: readonly Sent[], flow: Flow, about: Partial<Packet>): Probe {
  const { client, server, payload } = flow
  const [source, target] = portsOf(payload)
  const tracked = about.state !== 'INVALID' && about.state !== 'UNTRACKED'
  const to = translated(server, hasPorts(payload) ? target : 0)
  const entry = localAddresses.includes(client) ? interfaceOf('10.2.7.1') : interfaceOf(client)
  return {
    opening,
    sent: {
      link: linkFrom(client, entry, flow.bridged),
      datagram: {
        source: client,
        destination: server,
        tos: tosOf(flow.mark, flow.connmark, false),
        payload,
      },
    },
    packet: makePacket({
      ...contents(payload),
      ...(hasPorts(payload) ? { sourcePort: source, destinationPort: to.port } : {}),
      in: entry.name,
      out: interfaceOf(to.address).name,
      bridged: bridgedOf(entry, interfaceOf(to.address), flow),
      source: client,
      destination: to.address,
      dnat: to.address !== server,
      originalDestination: about.state === 'RELATED' ? client : server,
      originalDestinationPort: connectionPort(payload),
      mark: knownBits(marks[flow.mark] ?? 0),
      connmark: knownBits(tracked ? (connmarks[flow.connmark] ?? 0) : 0),
      ...about,
    }),
  }
}

/** The answer of the server, as it is sent and as FORWARD sees it. */
export function back(opening: readonly Sent[], flow: Flow): Probe {
  const { client, server, payload } = flow
  const [source, target] = portsOf(payload)
  const to = translated(server, hasPorts(payload) ? target : 0)
  const entry = interfaceOf(to.address)
  const reply: Payload =
    payload.kind === 'tcp'
      ? { ...payload, ports: [to.port, source], flags: ['SYN', 'ACK'], seq: 2000, ack: 1001 }
      : payload.kind === 'icmp'
        ? { ...payload, type: 0 }
        : hasPorts(payload)
          ? { ...payload, ports: [to.port, source] }
          : payload
  return {
    opening,
    sent: {
      link: linkFrom(to.address, entry, flow.bridged),
      datagram: {
        source: to.address,
        destination: masqueraded(client),
        tos: tosOf(flow.mark, flow.connmark, false),
        payload: reply,
      },
    },
    packet: makePacket({
      ...contents(reply),
      ...(hasPorts(reply) ? { sourcePort: to.port, destinationPort: source } : {}),
      in: entry.name,
      out: interfaceOf(client).name,
      bridged: bridgedOf(entry, interfaceOf(client), flow),
      source: to.address,
      destination: client,
      state: 'ESTABLISHED',
      direction: 'REPLY',
      snat: masqueraded(client) !== client,
      dnat: to.address !== server,
      originalDestination: server,
      originalDestinationPort: connectionPort(payload),
      mark: knownBits(marks[flow.mark] ?? 0),
      connmark: knownBits(connmarks[flow.connmark] ?? 0),
    }),
  }
}

/** Who puts it on the wire, and for whom: the router, or a host that is not there, behind the other port of the bridge. */
export function linkFrom(
  sender: string,
  entry: ReturnType<typeof interfaceOf>,
  bridged: boolean,
): Link {
  const port = bridgePorts[sender.startsWith('10.5.9.') ? 1 : 0]
  return { from: entry.peer ?? port.peer, to: bridged ? '02:00:00:00:05:02' : entry.mac }
}

/** Where it comes in by one interface and leaves by another, the walk must know by itself. */
function bridgedOf(
  entry: { readonly name: string },
  exit: { readonly name: string },
  { bridged }: Flow,
): boolean | undefined {
  return entry.name === exit.name ? bridged : undefined
}

function contents(payload: Payload): Partial<Packet> {
  const sent = { decapsulated: false }
  if (payload.kind === 'tcp') return { ...sent, protocol: 'tcp', tcpFlags: payload.flags }
  if (payload.kind === 'icmp')
    return { ...sent, protocol: '1', icmpType: payload.type, icmpCode: payload.code }
  return { ...sent, protocol: payload.kind }
}

function hasPorts(payload: Payload): payload is Extract<Payload, { ports: unknown }> {
  return 'ports' in payload
}

/** The port that a connection went to. Conntrack keeps type and code of a request where others have the port of the destination. */
export function connectionPort(payload: Payload): number {
  return payload.kind === 'icmp' ? 0x800 : portsOf(payload)[1]
}

/** Source and destination port; zeros if it has none. */
export function portsOf(payload: Payload): readonly [number, number] {
  return hasPorts(payload) ? payload.ports : [0, 0]
}
