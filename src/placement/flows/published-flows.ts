import type { Packet } from '../../flow/packet.ts'
import { parseAddress } from '../../ip/address.ts'
import { maxClients, maxPublishedPorts } from '../../limits.ts'
import type { HostModel } from '../host/host-model.ts'
import type { Outsider } from '../host/outsiders.ts'
import { type PublishedPort, publishedPorts } from '../host/published-ports.ts'
import { devicesTo } from '../host/routing.ts'
import {
  type Arriving,
  answered,
  atForward,
  type Flow,
  fresh,
  getsThrough,
  type Sampled,
  syn,
} from './flow.ts'

/**
 * Clients of published ports, as nat sends them on: to a pod or container, the first packet with the marks that kube-proxy
 * gave it, later ones without. Of clients and ports that no rule behind nat tells apart, one.
 */
export function publishedFlows(
  model: HostModel,
  outsiders: readonly Outsider[],
  on: string,
): Sampled {
  const all = publishedPorts(model.ruleset)
  // Where a place is to be found none will be, so none is walked.
  const crowded = all.length > maxPublishedPorts && model.intent.position === 'auto'
  const ports = crowded ? [] : all.slice(0, maxPublishedPorts)
  const kinds = kindsOf(model, outsiders)
  const many = ports.length > 1 && kinds.length > 1 && kinds.length * ports.length > maxClients
  const first = oneOfEach(
    ports.flatMap((port, index) =>
      (many && index > 0 ? [outsiders] : kinds).flatMap((alike) => clients(model, port, alike, on)),
    ),
    model,
  )
  const known = answered(model)
  const begun = first.filter((flow) => getsThrough(model, flow))
  const later = oneOfEach(
    begun.flatMap((flow) => laterPackets(flow, known, model)),
    model,
  )
  return {
    flows: [...first, ...later.filter((flow) => getsThrough(model, flow))],
    notes: [
      ...(many
        ? [
            `rules tell ${kinds.length} kinds of clients of ${ports.length} published ports apart: not each was walked with each`,
          ]
        : []),
    ],
    doubts:
      all.length > maxPublishedPorts
        ? [`nat publishes ${all.length} ports, of which ${maxPublishedPorts} can be walked`]
        : [],
  }
}

/** The outsiders, those together whom nothing behind nat tells apart. */
function kindsOf(
  { filtered, routes }: HostModel,
  outsiders: readonly Outsider[],
): readonly (readonly Outsider[])[] {
  const found = new Map<string, Outsider[]>()
  for (const outsider of outsiders) {
    const address = parseAddress(outsider.address) ?? 0
    const key = `${filtered.sources.of(address)}|${devicesTo(address, routes).join(' ')}`
    found.set(key, [...(found.get(key) ?? []), outsider])
  }
  return [...found.values()]
}

/** The first outsider whom nat translates: a load balancer may have clients of its own (loadBalancerSourceRanges). */
function clients(
  model: HostModel,
  { address, protocol, port }: PublishedPort,
  outsiders: readonly Outsider[],
  on: string,
): readonly Flow[] {
  const { world, intent } = model
  const own = intent.network.interfaces.find(({ name }) => name === on)?.addresses[0]
  const destination = address ?? own ?? world.localAddresses[0]
  const title = `client outside → published port ${port ?? 'any'}/${protocol}`
  for (const { address: source } of outsiders) {
    const about: Partial<Packet> = {
      ...{ ...fresh, ...(protocol === 'tcp' ? syn : {}), protocol },
      ...{ in: on, source, destination, destinationPort: port ?? model.freePort },
    }
    const remedy =
      'Set fw_published: allow to keep it reachable, or fw_published: block to accept that it is cut.'
    const flows = atForward({ aim: 'keep', title, about, remedy, imagined: false }, model).filter(
      ({ packet }) => packet.dnat,
    )
    if (flows.length > 0) return flows
  }
  return []
}

/**
 * What a client sends once his connection stands. Nat is asked no more, so it bears no mark that nat gave the first
 * packet, as that of KUBE-MARK-MASQ.
 */
function laterPackets(
  { packet, world: _, ...flow }: Flow,
  known: Partial<Packet>,
  model: HostModel,
): readonly Flow[] {
  const { protocol, source, sourcePort, destination, destinationPort } = packet
  const { originalDestination, originalDestinationPort } = packet
  const connection: Partial<Packet> = {
    ...{ ...known, direction: 'ORIGINAL', dnat: true, in: packet.in, source, destination },
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

/** Of flows that no rule behind nat tells apart, the first. */
function oneOfEach(flows: readonly Flow[], model: HostModel): readonly Flow[] {
  const found = new Map<string, Flow>()
  for (const flow of flows) {
    const key = kindOf(flow, model)
    if (!found.has(key)) found.set(key, flow)
  }
  return [...found.values()]
}

/** What rules of FORWARD can tell of a translated packet. */
function kindOf({ packet }: Flow, { filtered, deviceKind }: HostModel): string {
  const address = (
    text: string | undefined,
    kinds: 'sources' | 'destinations',
  ): string | undefined => {
    const number = text === undefined ? undefined : parseAddress(text)
    return number === undefined ? text : filtered[kinds].of(number)
  }
  const port = (number: number | undefined): string | undefined =>
    number === undefined ? undefined : filtered.ports.of(number)
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
