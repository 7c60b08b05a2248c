import { devicesTowards } from '../../facts/routes.ts'
import type { Packet } from '../../flow/packet.ts'
import { parseAddress } from '../../ip/ipv4.ts'
import { maxClients, maxPublishedPorts } from '../../limits.ts'
import type { InPieces } from '../../waiting/pieces.ts'
import type { HostModel } from '../host/host-model.ts'
import type { Outsider } from '../host/outsiders.ts'
import { type PublishedPort, publishedPortsInPieces } from '../host/published-ports.ts'
import {
  type Arriving,
  atForward,
  type Flow,
  fresh,
  getsThrough,
  replying,
  type SampledFlows,
  syn,
} from './flow.ts'

/**
 * Requests from outsiders to published ports, as they come to FORWARD after nat: the first packet of a connection with
 * the marks that kube-proxy sets, later packets without. One of each kind of client and port that the rules after nat tell
 * apart.
 */
export function* publishedFlows(
  model: HostModel,
  outsiders: readonly Outsider[],
  on: string,
): InPieces<SampledFlows> {
  const all = yield* publishedPortsInPieces(model.ruleset)
  const tooMany = all.length > maxPublishedPorts
  // Then `auto` finds no position anyway, so no port is walked.
  const ports = tooMany && model.intent.position === 'auto' ? [] : all.slice(0, maxPublishedPorts)
  const kinds = kindsAfterNat(model, outsiders)
  const combined =
    ports.length <= 1 || kinds.length <= 1 || kinds.length * ports.length <= maxClients
  const packets: Flow[] = []
  for (const [index, port] of ports.entries()) {
    for (const alike of combined || index === 0 ? kinds : [outsiders]) {
      yield
      packets.push(...firstPackets(model, port, alike, on))
    }
  }
  const first = oneOfEachKind(packets, model)
  const reply = replying(model)
  const answers: Flow[] = []
  for (const flow of first) {
    yield
    if (getsThrough(model, flow)) answers.push(...laterPackets(flow, reply, model))
  }
  const later: Flow[] = []
  for (const flow of oneOfEachKind(answers, model)) {
    yield
    if (getsThrough(model, flow)) later.push(flow)
  }
  return {
    flows: [...first, ...later],
    notes: combined
      ? []
      : [
          `the rules on this host treat ${kinds.length} kinds of clients differently, and nat publishes ${ports.length} ports. fw-run cannot check all combinations, so fw-run checked only some. Add the ports that you need to fw_probes: then fw-run tries them`,
        ],
    gaps: tooMany
      ? [`nat publishes ${all.length} ports, but fw-run checks at most ${maxPublishedPorts}`]
      : [],
  }
}

/** The outsiders, sorted into groups that the rules after nat do not tell apart. */
function kindsAfterNat(
  { withoutNat, intent }: HostModel,
  outsiders: readonly Outsider[],
): readonly (readonly Outsider[])[] {
  const found = new Map<string, Outsider[]>()
  for (const outsider of outsiders) {
    const devices = devicesTowards(outsider.address, intent.network.routes)
    const source = withoutNat.sources.of(parseAddress(outsider.address) ?? 0)
    const key = `${source}|${devices.join(' ')}`
    found.set(key, [...(found.get(key) ?? []), outsider])
  }
  return [...found.values()]
}

/**
 * The first packet of the first outsider that nat translates; none if it translates nobody. A load balancer may translate
 * only some clients (loadBalancerSourceRanges).
 */
function firstPackets(
  model: HostModel,
  { address, protocol, port }: PublishedPort,
  outsiders: readonly Outsider[],
  on: string,
): readonly Flow[] {
  const { world, intent } = model
  const own = intent.network.interfaces.find(({ name }) => name === on)?.addresses[0]
  const destination = address ?? own ?? world.localAddresses[0]
  const name = `${port ?? 'any'}/${protocol}`
  for (const { address: source } of outsiders) {
    const about: Partial<Packet> = {
      ...{ ...fresh, ...(protocol === 'tcp' ? syn : {}), protocol },
      ...{ in: on, source, destination, destinationPort: port ?? model.freePort },
    }
    const arriving: Arriving = {
      aim: 'keep',
      title: `outsider → published port ${name}`,
      port: name,
      about,
      remedy:
        'To keep the port reachable, set fw_published: allow. If you can lose it, set fw_published: block.',
      invented: false,
    }
    const flows = atForward(arriving, model).filter(({ packet }) => packet.dnat)
    if (flows.length > 0) return flows
  }
  return []
}

/**
 * What a client sends after the first packet. Nat translates it without asking its rules, so it lacks the mark that those
 * set on the first packet (KUBE-MARK-MASQ).
 */
function laterPackets(
  { packet, world: _, ...flow }: Flow,
  reply: Partial<Packet>,
  model: HostModel,
): readonly Flow[] {
  const { protocol, source, sourcePort, destination, destinationPort } = packet
  const { originalDestination, originalDestinationPort } = packet
  const connection: Partial<Packet> = {
    ...{ ...reply, direction: 'ORIGINAL', dnat: true, in: packet.in, source, destination },
    ...{ originalDestination, originalDestinationPort },
  }
  const data: Arriving = {
    ...flow,
    title: `${flow.title}, later packets`,
    about: {
      ...{ ...connection, protocol, sourcePort, destinationPort },
      ...(protocol === 'tcp' ? { tcpFlags: ['ACK'] } : {}),
    },
  }
  const error: Arriving = {
    ...flow,
    title: `${flow.title}, ICMP errors`,
    about: { ...connection, state: 'RELATED', protocol: 'icmp', icmpType: 3, icmpCode: 4 },
  }
  return [data, error].flatMap((one) => atForward(one, model)).filter((one) => one.packet.dnat)
}

function oneOfEachKind(flows: readonly Flow[], model: HostModel): readonly Flow[] {
  const found = new Map<string, Flow>()
  for (const flow of flows) {
    const key = kindOf(flow, model)
    if (!found.has(key)) found.set(key, flow)
  }
  return [...found.values()]
}

/** A text that is equal for translated packets which no rule of FORWARD tells apart. */
function kindOf({ packet }: Flow, { withoutNat, deviceKind }: HostModel): string {
  const address = (
    text: string | undefined,
    kinds: 'sources' | 'destinations',
  ): string | undefined => {
    const number = text === undefined ? undefined : parseAddress(text)
    return number === undefined ? text : withoutNat[kinds].of(number)
  }
  const port = (number: number | undefined): string | undefined =>
    number === undefined ? undefined : withoutNat.ports.of(number)
  return JSON.stringify({
    ...packet,
    out: packet.out && deviceKind(packet.out),
    source: address(packet.source, 'sources'),
    destination: address(packet.destination, 'destinations'),
    originalDestination: address(packet.originalDestination, 'destinations'),
    destinationPort: port(packet.destinationPort),
    originalDestinationPort: port(packet.originalDestinationPort),
  })
}
