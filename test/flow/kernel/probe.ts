import type { Random } from '../../random.ts'
import { back, connectionPort, type Flow, forth, open, type Probe, portsOf } from './directions.ts'
import type { Payload } from './frames.ts'
import {
  clients,
  connmarks,
  marks,
  masqueraded,
  ports,
  servers,
  tosOf,
  translated,
} from './landscape.ts'

/** Makes a packet of any kind and state that can be had. `taken` keeps connections apart. */
export function randomProbe(random: Random, taken: Set<string>): Probe {
  for (;;) {
    const flow = randomFlow(random)
    const { client, server, payload } = flow
    // DNAT may bring two servers together, and so may an answer: a peer must never be the other end of two connections.
    const to = translated(server, portsOf(payload)[1])
    const key = [
      client,
      to.address,
      payload.kind,
      ...(payload.kind === 'icmp' ? [payload.id] : [portsOf(payload)[0], to.port]),
    ].join()
    if (taken.has(key)) continue
    taken.add(key)
    return probeOf(random, flow)
  }
}

function randomFlow(random: Random): Flow {
  const kind = random.pick([
    ...(['tcp', 'tcp', 'tcp', 'udp', 'udp', 'icmp', 'icmp', 'esp', 'sctp'] as const),
    'udplite',
  ])
  const port = (): number => (random.chance(0.6) ? random.pick(ports) : 1024 + random.below(60000))
  const pair = [port(), port()] as const
  const payload: Payload =
    kind === 'tcp'
      ? { kind, ports: pair, flags: ['SYN'], seq: 1000, ack: 0 }
      : kind === 'icmp'
        ? { kind, type: 8, code: 0, id: random.below(65536) }
        : kind === 'esp'
          ? { kind }
          : { kind, ports: pair }
  return {
    ...endsOf(random),
    payload,
    mark: random.below(marks.length),
    connmark: random.below(connmarks.length),
  }
}

/** Most go through the router. Of those between the ports of the bridge, it passes on most itself. */
function endsOf(random: Random): Pick<Flow, 'client' | 'server' | 'bridged'> {
  const beside = random.chance(0.12)
  const client = beside ? '10.5.7.1' : random.pick(clients)
  const server = beside ? '10.5.9.1' : random.pick(servers)
  return { client, server, bridged: beside && random.chance(0.7) }
}

function probeOf(random: Random, flow: Flow): Probe {
  const { kind } = flow.payload
  const plain = !flow.server.startsWith('10.43.')
  // Conntrack calls UDP-Lite invalid, because it takes its checksum for one of UDP.
  if (kind === 'sctp' || kind === 'udplite' || (plain && random.chance(0.12)))
    return untracked(random, flow)
  if (plain && kind !== 'esp' && random.chance(0.1)) return invalid(random, flow)
  if (kind === 'esp' || random.chance(0.45)) return fresh(random, flow)
  if (plain && !flow.client.includes('.8.') && random.chance(0.25)) return related(random, flow)
  return random.chance(0.5) ? answered(flow) : continued(flow)
}

function fresh(random: Random, flow: Flow): Probe {
  const { payload } = flow
  const flags: readonly string[] = random.pick([['SYN'], ['SYN'], ['ACK'], ['PSH', 'ACK']])
  const changed =
    payload.kind === 'tcp' ? { ...payload, flags, ack: flags.includes('ACK') ? 2001 : 0 } : payload
  return forth(
    [],
    { ...flow, payload: changed },
    { state: 'NEW', direction: 'ORIGINAL', snat: false },
  )
}

function untracked(random: Random, flow: Flow): Probe {
  // Any flags, and a source that is the router's own, which no connection could have.
  const own = random.chance(0.15)
  const client = own ? random.pick(['10.1.0.1', '10.3.0.1']) : flow.client
  const { payload } = flow
  const changed: Payload =
    payload.kind === 'tcp'
      ? { ...payload, flags: random.some(['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'], 4) }
      : payload.kind === 'icmp'
        ? { ...payload, type: random.pick([0, 3, 8, 11, 13]), code: random.below(3) }
        : payload
  const server = flow.server.startsWith('10.43.') ? '10.4.9.2' : flow.server
  const probe = forth(
    [],
    { ...flow, client, server, payload: changed, bridged: flow.bridged && !own },
    { state: 'UNTRACKED', direction: undefined },
  )
  const tos = tosOf(flow.mark, flow.connmark, true)
  const datagram = { ...probe.sent.datagram, tos }
  return { ...probe, sent: { ...probe.sent, datagram } }
}

function invalid(random: Random, flow: Flow): Probe {
  const { payload } = flow
  const probe = forth([], flow, { state: 'INVALID', direction: undefined })
  if (payload.kind === 'tcp' && random.chance(0.5)) {
    return forth(
      [],
      { ...flow, payload: { ...payload, flags: ['FIN', 'SYN'] } },
      { state: 'INVALID' },
    )
  }
  return { ...probe, sent: { ...probe.sent, datagram: { ...probe.sent.datagram, spoiled: true } } }
}

/** The answer of the server to the first packet. */
export function answered(flow: Flow): Probe {
  return back([open(flow)], flow)
}

/** A further packet of the client, after the server has answered. */
export function continued(flow: Flow): Probe {
  const { payload } = flow
  const later =
    payload.kind === 'tcp' ? { ...payload, flags: ['ACK'], seq: 1001, ack: 2001 } : payload
  return forth(
    [open(flow), back([], flow).sent],
    { ...flow, payload: later },
    { state: 'ESTABLISHED', direction: 'ORIGINAL', snat: masqueraded(flow.client) !== flow.client },
  )
}

/** An ICMP error about the first packet. */
function related(random: Random, flow: Flow): Probe {
  const quoted = open(flow).datagram
  const [type, code] = random.pick([
    [3, 1],
    [3, 3],
    [11, 0],
  ])
  const error: Payload = { kind: 'icmp', type, code, id: 0, quoted }
  const probe = forth(
    [open(flow)],
    { ...flow, client: flow.server, server: flow.client, payload: error },
    {
      state: 'RELATED',
      direction: 'REPLY',
      snat: false,
      originalDestinationPort: connectionPort(flow.payload),
    },
  )
  return probe
}
