import { type Arrival, arrivingPacket } from '../../../src/flow/arrival.ts'
import { knownBits } from '../../../src/flow/bits.ts'
import type { Packet } from '../../../src/flow/packet.ts'
import type { Random } from '../../random.ts'
import { connectionPort, linkFrom, type Probe, portsOf, type Sent } from './directions.ts'
import type { Payload } from './frames.ts'
import { clients, interfaceOf, interfaces, ports } from './landscape.ts'
import * as continuation from './probe.ts'

/** A packet as it comes to the first chain, of any kind and state; of connections that were translated before, some. */
export function arrivalProbe(random: Random, taken: Set<string>, rules: readonly string[]): Probe {
  for (;;) {
    const payload = randomPayload(random)
    const ends = endsOf(random, mayComeFromItself(rules))
    // Wherever translation sends it, its answers must be told from those to others by the port of the sender.
    const key = `${ends.source} ${payload.kind} ${payload.kind === 'icmp' ? payload.id : portsOf(payload)[0]}`
    if (taken.has(key)) continue
    taken.add(key)
    const remote = ends.destination.startsWith('10.3.9.') || ends.destination.startsWith('10.4.9.')
    if (payload.kind === 'esp') return fresh(ends, payload)
    if (random.chance(0.1)) return invalid(random, ends, payload)
    const tracked = staysTracked(rules)
    if (!remote || !ends.native || random.chance(tracked ? 0.2 : 0.6)) return fresh(ends, payload)
    if (tracked && random.chance(0.8)) return translatedBefore(random, ends, payload)
    return random.chance(0.5) ? answered(ends, payload) : continued(ends, payload)
  }
}

interface Ends {
  readonly entry: string
  readonly source: string
  readonly destination: string
  /** Whether answers go back where it came from. */
  readonly native: boolean
}

function randomPayload(random: Random): Payload {
  const kind = random.pick(['tcp', 'tcp', 'tcp', 'udp', 'udp', 'icmp', 'esp'])
  const port = (): number => (random.chance(0.7) ? random.pick(ports) : 1024 + random.below(60000))
  if (kind === 'tcp') return { kind, ports: [port(), port()], flags: ['SYN'], seq: 1000, ack: 0 }
  if (kind === 'icmp') return { kind, type: 8, code: 0, id: random.below(65536) }
  return kind === 'esp' ? { kind } : { kind, ports: [port(), port()] }
}

function endsOf(random: Random, ownSources: boolean): Ends {
  const inside = clients.filter((client) => !client.includes('.8.'))
  const [first = '10.1.7.1', ...rest] = [...inside, '10.1.9.9', '10.2.9.9', '10.5.7.9']
  const client = random.pick([first, ...rest])
  const odd = ['10.6.7.1', '10.77.1.1', ...(ownSources ? ['10.2.0.1', '10.3.0.1'] : [])] as const
  const strange = random.chance(0.08)
  const source = strange ? (odd[random.below(odd.length)] ?? client) : client
  const entry = random.chance(0.75) ? interfaceOf(client).name : random.pick(['in0', 'in1', 'br0'])
  const destination = random.chance(0.75)
    ? random.pick(['10.3.9.1', '10.3.9.2', '10.3.9.77', '10.4.9.1', '10.4.9.2', '10.43.0.1'])
    : random.pick(['10.1.0.1', '10.3.0.1', '10.3.0.255', '10.4.0.255', '10.6.9.9', '203.0.113.9'])
  const native = !strange && interfaceOf(client).name === entry
  return { entry, source, destination, native }
}

/** The first packet of a connection, as somebody would ask about it. */
function fresh(ends: Ends, payload: Payload): Probe {
  return arriving([], ends, payload, 'NEW', {})
}

function invalid(random: Random, ends: Ends, payload: Payload): Probe {
  if (payload.kind === 'tcp' && random.chance(0.5)) {
    return arriving([], ends, { ...payload, flags: ['FIN', 'SYN'] }, 'INVALID', {})
  }
  const { sent, ...probe } = arriving([], ends, payload, 'INVALID', {})
  return { ...probe, sent: { ...sent, datagram: { ...sent.datagram, spoiled: true } } }
}

function answered(ends: Ends, payload: Payload): Probe {
  const back = {
    entry: interfaceOf(ends.destination).name,
    source: ends.destination,
    destination: ends.source,
    native: true,
  }
  const [from, to] = portsOf(payload)
  const reply: Payload =
    payload.kind === 'tcp'
      ? { ...payload, ports: [to, from], flags: ['SYN', 'ACK'], seq: 2000, ack: 1001 }
      : payload.kind === 'icmp'
        ? { ...payload, type: 0 }
        : payload.kind === 'udp'
          ? { ...payload, ports: [to, from] }
          : payload
  const opening = [fresh(ends, payload).sent]
  return arriving(opening, back, reply, 'ESTABLISHED', known('REPLY'))
}

function continued(ends: Ends, payload: Payload): Probe {
  const { opening, sent } = answered(ends, payload)
  const later: Payload =
    payload.kind === 'tcp' ? { ...payload, flags: ['ACK'], seq: 1001, ack: 2001 } : payload
  return arriving([...opening, sent], ends, later, 'ESTABLISHED', known('ORIGINAL'))
}

/** What is known of a connection that nobody has marked or translated. */
function known(direction: 'ORIGINAL' | 'REPLY'): Partial<Packet> {
  return { direction, snat: false, dnat: false, connmark: knownBits(0) }
}

function arriving(
  opening: readonly Sent[],
  { entry, source, destination }: Ends,
  payload: Payload,
  state: Arrival['state'],
  about: Partial<Packet>,
): Probe {
  const { kind } = payload
  const [sourcePort, destinationPort] = 'ports' in payload ? payload.ports : []
  const arrival: Arrival = {
    in: entry,
    out: undefined,
    source,
    destination,
    protocol: kind === 'tcp' || kind === 'udp' || kind === 'icmp' ? kind : undefined,
    sourcePort,
    destinationPort,
    state,
  }
  const device = interfaces.find(({ name }) => name === entry) ?? interfaces[0]
  return {
    opening,
    sent: {
      link: linkFrom(source, device, false),
      datagram: { source, destination, tos: 0, payload },
    },
    packet: {
      ...arrivingPacket(arrival),
      ...{ bridged: false, decapsulated: false },
      protocol: kind,
      // Where there are no ports, only this says what conntrack keeps instead.
      ...('ports' in payload ? {} : { originalDestinationPort: connectionPort(payload) }),
      ...(kind === 'tcp' ? { tcpFlags: payload.flags } : {}),
      ...(kind === 'icmp' ? { icmpType: payload.type, icmpCode: payload.code } : {}),
      ...about,
    },
  }
}

/** A packet of a connection that had its destination translated before, its source or both. */
function translatedBefore(random: Random, { source, destination }: Ends, payload: Payload): Probe {
  const flow = {
    client: random.chance(0.7) ? source.replace(/^10\.([12])\.7\.\d+$/, '10.$1.8.1') : source,
    server: random.chance(0.5) ? random.pick(['10.43.0.1', '10.43.0.2', '10.43.1.3']) : destination,
    payload,
    ...{ mark: 0, connmark: 0, bridged: false },
  }
  const probe = random.chance(0.6) ? continuation.answered(flow) : continuation.continued(flow)
  return { ...probe, packet: { ...probe.packet, bridged: false } }
}

/** Whether raw keeps nothing from conntrack: what was translated would go where no walk knows. */
function staysTracked(rules: readonly string[]): boolean {
  return !rules.some((rule) => /NOTRACK|--notrack/.test(rule))
}

/** Whether packets may come from the router's own addresses: of those the walk does not know what `--accept-local` lets in. */
function mayComeFromItself(rules: readonly string[]): boolean {
  return !rules.some((rule) => rule.includes('--accept-local'))
}
