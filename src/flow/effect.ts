import type { Rule } from '../iptables/rule.ts'
import { unknownBits } from './bits.ts'
import type { Packet } from './packet.ts'
import { markConnection, markPacket } from './targets/mark-targets.ts'
import { decideTracking } from './targets/tracking-targets.ts'
import { type Verdict, verdictOf } from './verdict.ts'
import { forgetSet, type World } from './world.ts'

/** What a rule does to a packet that it matches, jumps apart. */
export type Effect =
  | { readonly kind: 'continue'; readonly packet: Packet; readonly world: World }
  | { readonly kind: 'end'; readonly verdict: Verdict }
  | { readonly kind: 'return' }
  | { readonly kind: 'anything'; readonly verdict: Verdict; readonly packet: Packet }

/** The effect of a rule whose target is no chain of its table. */
export function effectOf({ target }: Rule, packet: Packet, world: World): Effect {
  if (!target || passing.has(target.name)) return { kind: 'continue', packet, world }
  switch (target.name) {
    case 'RETURN':
      return { kind: 'return' }
    case 'MARK':
      return { kind: 'continue', packet: markPacket(packet, target), world }
    case 'CONNMARK':
      return { kind: 'continue', packet: markConnection(packet, target), world }
    case 'CT':
    case 'NOTRACK':
      return { kind: 'continue', packet: decideTracking(packet, target), world }
    case 'HMARK':
      return { kind: 'continue', packet: { ...packet, mark: unknownBits }, world }
    case 'SET':
      return changeSet(target.options, packet, world)
    default: {
      const verdict = verdictOf(target)
      return verdict ? { kind: 'end', verdict } : anything(target.name, packet)
    }
  }
}

/** A target that may end the walk or not, and may leave any mark. */
export function anything(target: string, packet: Packet): Effect {
  const marks = { mark: unknownBits, connmark: unknownBits }
  return { kind: 'anything', verdict: { kind: 'unknown', target }, packet: { ...packet, ...marks } }
}

function changeSet(
  options: readonly { name: string; values: readonly string[] }[],
  packet: Packet,
  world: World,
): Effect {
  const changed = options.find(({ name }) => /^(add|del)-set$/.test(name))?.values[0]
  const maps = options.some(({ name }) => name.startsWith('map-'))
  return {
    kind: 'continue',
    packet: maps ? { ...packet, mark: unknownBits } : packet,
    world: changed === undefined ? world : forgetSet(world, changed),
  }
}

/** Targets after which the next rule follows, and which change nothing that a match we know asks for. */
const passing = new Set([
  'AUDIT',
  'CHECKSUM',
  'CLASSIFY',
  'CONNSECMARK',
  'DSCP',
  'ECN',
  'HL',
  'IDLETIMER',
  'LED',
  'LOG',
  'NFLOG',
  'RATEEST',
  'SECMARK',
  'TCPMSS',
  'TCPOPTSTRIP',
  'TEE',
  'TOS',
  'TRACE',
  'TTL',
  'ULOG',
])
