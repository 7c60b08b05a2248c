import { knownBits, unknownBits } from '../../flow/bits.ts'
import { wayToForward } from '../../flow/forwarding.ts'
import { makePacket, type Packet } from '../../flow/packet.ts'
import { walk } from '../../flow/walk.ts'
import type { World } from '../../flow/world.ts'
import type { HostModel } from '../host/host-model.ts'

/**
 * Traffic that the place of our rule is judged by. `stop`: it must surely end at our rule or before; `keep`: our rule
 * must surely leave it alone. `title` names it in an administrator's words.
 */
export interface Flow {
  readonly aim: 'stop' | 'keep'
  readonly title: string
  /** The packet as FORWARD gets it: marked, tracked and translated by what comes before. */
  readonly packet: Packet
  readonly world: World
  /** The setting that would mend it, where the rule would cut it. */
  readonly remedy: string
  /** It is of a pod that is imagined, because there is none on this host: a wish, not a demand. */
  readonly imagined: boolean
}

/** The flows that matter on a host, and what was too much to be walked, in words. */
export interface Sampled {
  readonly flows: readonly Flow[]
  readonly notes: readonly string[]
  /** Of what was too much, that of which nothing is known: it speaks against finding a place. */
  readonly doubts: readonly string[]
}

/** Traffic as it comes in, before any rule. */
export interface Arriving extends Omit<Flow, 'packet' | 'world'> {
  readonly about: Partial<Packet>
}

/**
 * The flow as FORWARD gets it, once for each way there; nothing where rules of raw, mangle or nat surely end it. Where it
 * cannot be told whether raw keeps it from conntrack, it comes both ways.
 */
export function atForward({ about, ...flow }: Arriving, model: HostModel): readonly Flow[] {
  const { ruleset, world: before, lookUpRoute } = model
  const { state, direction, snat, dnat } = about
  return wayToForward(ruleset, makePacket(about), before, lookUpRoute).branches.flatMap(
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

/** Whether FORWARD, without rules of ours, may let a flow through now. */
export function getsThrough({ ruleset }: HostModel, { packet, world }: Flow): boolean {
  return walk(ruleset, 'filter', 'FORWARD', packet, world).verdicts.some(
    ({ verdict: { kind } }) => kind === 'accept' || kind === 'unknown',
  )
}

/** What is known of the first packet of a connection. */
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
 * What is known of an answer; its connection may be marked where a rule marks connections, and whoever gets it may have
 * been masqueraded.
 */
export function answered({ ruleset }: HostModel): Partial<Packet> {
  const marks = [...ruleset.tables.values()].some((chains) =>
    [...chains.values()].some(({ rules }) =>
      rules.some(({ target }) => target?.name === 'CONNMARK'),
    ),
  )
  const connmark = marks ? unknownBits : knownBits(0)
  return { ...fresh, connmark, state: 'ESTABLISHED', direction: 'REPLY', snat: undefined }
}

export const syn = { protocol: 'tcp', tcpFlags: ['SYN'], sourcePort: 40000 } as const

/** First packets of connections, with whatever ports. */
export const requests = {
  TCP: { protocol: 'tcp', tcpFlags: ['SYN'] },
  UDP: { protocol: 'udp' },
  ping: { protocol: 'icmp', icmpType: 8, icmpCode: 0 },
} as const

/** Answers to a client who took a port of his own, as they come in, and word that a packet of his was too large. */
export const answers = [
  { protocol: 'tcp', tcpFlags: ['ACK'], destinationPort: 40000 },
  { protocol: 'udp', destinationPort: 40000 },
  { protocol: 'icmp', icmpType: 0, icmpCode: 0 },
  { protocol: 'icmp', icmpType: 3, icmpCode: 4, state: 'RELATED' },
] as const
