import { knownBits, unknownBits } from '../../flow/bits.ts'
import { wayToForward } from '../../flow/hooks.ts'
import { makePacket, type Packet } from '../../flow/packet.ts'
import { walk } from '../../flow/walk.ts'
import type { World } from '../../flow/world.ts'
import type { Table } from '../../iptables/ruleset.ts'
import { onceFor } from '../../memory/once-for.ts'
import type { HostModel } from '../host/host-model.ts'

/**
 * A sample packet that positions are judged by. `stop`: it must surely end at our rule or before it. `keep`: our rule
 * must surely leave it alone.
 */
export interface Flow {
  readonly aim: 'stop' | 'keep'
  /** Its name for an administrator: source → destination, then what kind of packet it is. */
  readonly title: string
  /** The published port that a client asks for, as `80/tcp`; unset for every other flow. */
  readonly port?: string
  /** The packet as it comes to FORWARD: after raw, mangle and nat. */
  readonly packet: Packet
  readonly world: World
  /** Which setting helps if our rule would stop it; empty if none does. */
  readonly remedy: string
  /** Its pod does not exist yet. Such a flow helps to choose between good positions, but refuses none. */
  readonly invented: boolean
}

/** The flows of a host, and what they do not cover, in words. */
export interface SampledFlows {
  readonly flows: readonly Flow[]
  /** Where only some combinations of known kinds are among the flows. */
  readonly notes: readonly string[]
  /** Where some kinds are in no flow at all: then it cannot be proven that a position is good. */
  readonly gaps: readonly string[]
}

/** A flow before its packet has met any rule. */
export interface Arriving extends Omit<Flow, 'packet' | 'world'> {
  readonly about: Partial<Packet>
}

/**
 * Takes a flow through raw, mangle and nat to FORWARD. The result has one flow for each way there, and none if those
 * tables surely stop the packet. If raw may hide the packet from conntrack, there is one flow tracked and one untracked.
 */
export function atForward({ about, ...flow }: Arriving, model: HostModel): readonly Flow[] {
  const { ruleset, world: start, lookUpRoute } = model
  const { state, direction, snat, dnat } = about
  // Without the keys of the host's IPsec, an outsider can only send clear text. What must be kept may come by IPsec.
  const clearText = flow.aim === 'stop' ? { decapsulated: false } : {}
  const packet = makePacket({ ...about, ...clearText })
  return wayToForward(ruleset, packet, start, lookUpRoute).branches.flatMap(
    ({ packet, world }): Flow[] => {
      if (packet.state !== undefined) return [{ ...flow, packet, world }]
      const tracked = { ...packet, state, direction, snat, dnat: packet.dnat ?? dnat }
      return [tracked, untracked(packet)].map((one) => ({ ...flow, packet: one, world }))
    },
  )
}

function untracked(packet: Packet): Packet {
  return { ...packet, state: 'UNTRACKED', direction: undefined, snat: false, dnat: false }
}

/** Whether FORWARD without our rule may accept a flow. */
export function getsThrough({ ruleset }: HostModel, { packet, world }: Flow): boolean {
  return walk(ruleset, 'filter', 'FORWARD', packet, world).verdicts.some(
    ({ verdict: { kind } }) => kind === 'accept' || kind === 'unknown',
  )
}

/** What every first packet of a connection has in common. */
export const fresh: Partial<Packet> = {
  state: 'NEW',
  direction: 'ORIGINAL',
  snat: false,
  dnat: false,
  mark: knownBits(0),
  connmark: knownBits(0),
  bridged: false,
}

/**
 * What every reply has in common. Its connection may be masqueraded, and may be marked if any rule of the host marks
 * connections.
 */
export function replying({ ruleset }: HostModel): Partial<Packet> {
  const marked = [...ruleset.tables.values()].some(marksConnections)
  const connmark = marked ? unknownBits : knownBits(0)
  return { ...fresh, connmark, state: 'ESTABLISHED', direction: 'REPLY', snat: undefined }
}

const marksConnections = onceFor((chains: Table): boolean =>
  [...chains.values()].some(({ rules }) => rules.some(({ target }) => target?.name === 'CONNMARK')),
)

/** The first packet of a TCP connection, from a port that clients use. */
export const syn = { protocol: 'tcp', tcpFlags: ['SYN'], sourcePort: 40000 } as const

/** The first packets of connections, by protocol. Their ports are left open. */
export const requests = {
  TCP: { protocol: 'tcp', tcpFlags: ['SYN'] },
  UDP: { protocol: 'udp' },
  ping: { protocol: 'icmp', icmpType: 8, icmpCode: 0 },
} as const

/** Replies to a client's port, and the ICMP error that a packet of the client was too large. */
export const replies = [
  { protocol: 'tcp', tcpFlags: ['ACK'], destinationPort: 40000 },
  { protocol: 'udp', destinationPort: 40000 },
  { protocol: 'icmp', icmpType: 0, icmpCode: 0 },
  { protocol: 'icmp', icmpType: 3, icmpCode: 4, state: 'RELATED' },
] as const
