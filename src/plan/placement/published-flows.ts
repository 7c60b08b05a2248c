import { parseAddress } from '../../flow/addresses.ts'
import type { Packet } from '../../flow/packet.ts'
import { atForward, type Flow, fresh, syn } from './flow.ts'
import type { Outsider } from './outsiders.ts'
import { type PublishedPort, publishedPorts } from './published.ts'
import type { Terrain } from './terrain.ts'

/** How many published ports are walked through nat, so that a plan stays below a second; hardly a cluster has more. */
const enough = 1000

/** Clients of published ports, and how many of these are too many to be walked. */
export interface PublishedFlows {
  readonly flows: readonly Flow[]
  readonly left: number
}

/**
 * Clients of published ports, as nat sends them on: to a pod or container, with the marks that kube-proxy gave them. Of
 * ports that no rule of FORWARD tells apart, one.
 */
export function publishedFlows(
  terrain: Terrain,
  outsiders: readonly Outsider[],
  on: string,
): PublishedFlows {
  const ports = publishedPorts(terrain.ruleset)
  const found = new Map<string, Flow>()
  for (const port of ports.slice(0, enough)) {
    for (const flow of clients(terrain, port, outsiders, on)) {
      const key = kindOf(flow, terrain)
      if (!found.has(key)) found.set(key, flow)
    }
  }
  return { flows: [...found.values()], left: Math.max(0, ports.length - enough) }
}

/** The first outsider whom nat translates: a load balancer may have clients of its own (loadBalancerSourceRanges). */
function clients(
  terrain: Terrain,
  { address, protocol, port }: PublishedPort,
  outsiders: readonly Outsider[],
  on: string,
): readonly Flow[] {
  const { world, intent } = terrain
  const own = intent.network.interfaces.find(({ name }) => name === on)?.addresses[0]
  const destination = address ?? own ?? world.localAddresses[0]
  const title = `client outside → published port ${port ?? 'any'}/${protocol}`
  for (const { address: source } of outsiders) {
    const about: Partial<Packet> = {
      ...{ ...fresh, ...(protocol === 'tcp' ? syn : {}), protocol },
      ...{ in: on, source, destination, destinationPort: port ?? terrain.freePort },
    }
    const remedy =
      'Set fw_published: allow to keep it reachable, or fw_published: block to accept that it is cut.'
    const flows = atForward({ aim: 'keep', title, about, remedy, imagined: false }, terrain).filter(
      ({ packet }) => packet.dnat,
    )
    if (flows.length > 0) return flows
  }
  return []
}

/** What rules of FORWARD can tell of a translated packet. */
function kindOf({ packet }: Flow, { destinations, ports, deviceKind }: Terrain): string {
  const address = (text: string | undefined): string | undefined => {
    const number = text === undefined ? undefined : parseAddress(text)
    return number === undefined ? text : destinations.of(number)
  }
  const port = (number: number | undefined): string | undefined =>
    number === undefined ? undefined : ports.of(number)
  return JSON.stringify({
    ...packet,
    out: packet.out && deviceKind(packet.out),
    destination: address(packet.destination),
    originalDestination: address(packet.originalDestination),
    destinationPort: port(packet.destinationPort),
    originalDestinationPort: port(packet.originalDestinationPort),
  })
}
