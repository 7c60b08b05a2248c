import { knownBits } from '../flow/bits.ts'
import { makePacket, type Packet } from '../flow/packet.ts'
import { walk } from '../flow/walk.ts'
import type { World } from '../flow/world.ts'
import type { Ruleset } from '../iptables/ruleset.ts'
import type { ProtectIntent } from './intent.ts'
import { type PublishedPort, publishedPorts } from './published.ts'
import {
  type Destination,
  deviceTowards,
  outsiderFor,
  podAddress,
  podDestinations,
} from './sample-addresses.ts'

/**
 * Traffic that the place of our rule is judged by. `stop`: it must surely end at our rule or before; `keep`: our rule
 * must surely leave it alone. `title` names it in an administrator's words.
 */
export interface Flow {
  readonly aim: 'stop' | 'keep'
  readonly title: string
  readonly packet: Packet
  /** The setting that would mend it, where the rule would cut it. */
  readonly remedy: string
}

/** The flows that matter on a host, by its interfaces, routes, set and published ports. Pure. */
export function flowsOf(ruleset: Ruleset, intent: ProtectIntent, world: World): readonly Flow[] {
  const destinations = podDestinations(intent.network, intent.podCidrs)
  const here = destinations.filter((one) => one.here)
  return intent.interfaces.flatMap((on) => {
    const outsider = outsiderFor(intent.network, intent.members, on)
    return [
      ...destinations.flatMap((to) => outsiders(outsider, to, on)),
      ...here.flatMap((pod) => (pod.real ? legitimate(intent, outsider, pod, on) : [])),
      ...docker(intent, outsider, on),
      ...(intent.published === 'block'
        ? []
        : publishedPorts(ruleset).flatMap((port) =>
            published(ruleset, intent, port, outsider, on, world),
          )),
    ]
  })
}

function legitimate(
  intent: ProtectIntent,
  outsider: string,
  here: Destination,
  on: string,
): readonly Flow[] {
  return [
    ...fromNodes(intent, here, on),
    ...fromPods(intent, here),
    answerToPod(outsider, here, on),
    podGoingOut(here, outsider, on),
  ]
}

const fresh: Partial<Packet> = {
  state: 'NEW',
  direction: 'ORIGINAL',
  snat: false,
  dnat: false,
  mark: knownBits(0),
  connmark: knownBits(0),
}
const answered: Partial<Packet> = { ...fresh, state: 'ESTABLISHED', direction: 'REPLY' }
const syn = { protocol: 'tcp', tcpFlags: ['SYN'], sourcePort: 40000 } as const
const ack = { protocol: 'tcp', tcpFlags: ['ACK'], sourcePort: 443, destinationPort: 40000 } as const

/** An outsider may choose his ports, so they are left open: a rule that lets one in counts. */
function outsiders(source: string, to: Destination, on: string): readonly Flow[] {
  const where = to.here ? 'a pod here' : 'a pod on another host'
  const common = { ...fresh, in: on, out: to.out, source, destination: to.address }
  const packets = {
    TCP: { protocol: 'tcp', tcpFlags: ['SYN'] },
    UDP: { protocol: 'udp' },
    ping: { protocol: 'icmp', icmpType: 8, icmpCode: 0 },
  }
  return Object.entries(packets).map(([name, packet]) => ({
    aim: 'stop',
    title: `neighbour → ${where}, ${name}`,
    packet: makePacket({ ...common, ...packet }),
    remedy: '',
  }))
}

/** A node speaks to pods from an address of the set. */
function fromNodes(intent: ProtectIntent, to: Destination, on: string): readonly Flow[] {
  const own = intent.network.interfaces.flatMap(({ addresses }) => addresses)
  const source = intent.members.find((member) => !own.includes(member))
  if (!source) return []
  const packet = { ...fresh, ...syn, destinationPort: 8080 }
  return [
    keep(
      'node → pod here',
      { ...packet, in: on, out: to.out, source, destination: to.address },
      addNode,
    ),
  ]
}

const addNode = 'Add the address to the inventory, or to fw_extra_members.'

/** A pod of another host arrives as its routes say: out of a tunnel, or bare on the interface itself. */
function fromPods(intent: ProtectIntent, to: Destination): readonly Flow[] {
  return podDestinations(intent.network, intent.podCidrs)
    .filter((from) => !from.here)
    .map(({ address, out }) =>
      keep(
        `pod of another host → pod here, by ${out}`,
        {
          ...fresh,
          ...syn,
          destinationPort: 8080,
          in: out,
          out: to.out,
          source: address,
          destination: to.address,
        },
        'Pods arrive bare on that interface: accept the pod network as source before (flannel does), or use a tunnel.',
      ),
    )
}

function answerToPod(source: string, to: Destination, on: string): Flow {
  return keep(
    'answer from outside → pod here',
    { ...answered, ...ack, in: on, out: to.out, source, destination: to.address },
    'Set fw_published: allow, which lets answers pass our rule as well.',
  )
}

function podGoingOut(from: Destination, destination: string, on: string): Flow {
  return keep(
    'pod here → outside',
    {
      ...fresh,
      ...syn,
      destinationPort: 443,
      in: from.out,
      out: on,
      source: from.address,
      destination,
    },
    '',
  )
}

function docker(intent: ProtectIntent, outsider: string, on: string): readonly Flow[] {
  const bridge = intent.network.interfaces.find(({ name }) => name === 'docker0')
  const gateway = bridge?.addresses[0]
  if (!gateway) return []
  const container = podAddress(`${gateway}/24`)
  return [
    keep(
      'answer from outside → container of docker',
      { ...answered, ...ack, in: on, out: 'docker0', source: outsider, destination: container },
      'Set fw_published: allow, which lets answers pass our rule as well.',
    ),
  ]
}

/** A client of a published port, as nat sends it on: to a pod or container, with the marks that kube-proxy gave it. */
function published(
  ruleset: Ruleset,
  { network, podCidrs }: ProtectIntent,
  { chain, protocol, port, address }: PublishedPort,
  source: string,
  on: string,
  world: World,
): readonly Flow[] {
  const original = address ?? world.localAddresses[0]
  const packet = makePacket({
    ...{ ...fresh, ...syn, protocol, destinationPort: port },
    ...{ in: on, source, destination: original },
  })
  return walk(ruleset, 'nat', chain, packet, world).outcomes.flatMap((outcome) => {
    const { verdict } = outcome
    if (verdict.kind !== 'dnat') return []
    const [to = '', toPort] = (verdict.to ?? '').split(':')
    const flow: Flow = {
      aim: 'keep',
      title: `client outside → published port ${port}/${protocol}`,
      packet: {
        ...outcome.packet,
        ...{ dnat: true, destination: to, destinationPort: Number(toPort) || port },
        ...{ originalDestination: original, originalDestinationPort: port },
        out: deviceTowards(network, to) ?? podDestinations(network, podCidrs)[0]?.out,
      },
      remedy:
        'Set fw_published: allow to keep it reachable, or fw_published: block to accept that it is cut.',
    }
    return [flow]
  })
}

function keep(title: string, about: Partial<Packet>, remedy: string): Flow {
  return { aim: 'keep', title, packet: makePacket(about), remedy }
}
