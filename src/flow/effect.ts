import type { Option, Rule, Target } from '../iptables/rule.ts'
import { unknownBits } from './bits.ts'
import type { Packet } from './packet.ts'
import { targetExtensions } from './targets/continuing-targets.ts'
import { markConnection, markPacket } from './targets/mark-targets.ts'
import { decideTracking } from './targets/tracking-targets.ts'
import { verdictOf } from './targets/verdict-targets.ts'
import type { Verdict } from './verdict.ts'
import { forgetSet, type World } from './world.ts'

/** What a rule does to a packet that it matches. A jump to a chain is no effect. */
export type Effect =
  | { readonly kind: 'continue'; readonly packet: Packet; readonly world: World }
  | { readonly kind: 'end'; readonly verdict: Verdict }
  | { readonly kind: 'return' }
  | UnknownEffect

/** The effect of a target that may end the walk or not. If not, the packet may have any mark. */
interface UnknownEffect {
  readonly kind: 'unknown'
  readonly verdict: Verdict
  readonly packet: Packet
}

/** The effect of a rule on a packet that matches. The target must be no chain. */
export function effectOf({ target }: Rule, packet: Packet, world: World): Effect {
  if (!target) return { kind: 'continue', packet, world }
  if (target.name === 'RETURN') return { kind: 'return' }
  const verdict = verdictOf(target)
  if (verdict) return { kind: 'end', verdict }
  const extension = targetExtensions.get(target.name)
  switch (extension?.kind) {
    case 'pass':
      return { kind: 'continue', packet, world }
    case 'change':
      return changed(extension.what, target, packet, world)
    case 'unknown':
      return unknownEffect(extension.reason, packet)
    case undefined:
      return unknownEffect(`fw-run does not know what ${target.name} does`, packet)
  }
}

/** The effect of a rule that cannot be followed; `reason` says why. */
export function unknownEffect(reason: string, packet: Packet): UnknownEffect {
  const marks = { mark: unknownBits, connmark: unknownBits }
  return { kind: 'unknown', verdict: { kind: 'unknown', reason }, packet: { ...packet, ...marks } }
}

function changed(
  what: 'mark' | 'connmark' | 'any-mark' | 'tracking' | 'set',
  target: Target,
  packet: Packet,
  world: World,
): Effect {
  const going = (now: Packet): Effect => ({ kind: 'continue', packet: now, world })
  switch (what) {
    case 'mark':
      return going(markPacket(packet, target))
    case 'connmark':
      return going(markConnection(packet, target))
    case 'any-mark':
      return going({ ...packet, mark: unknownBits })
    case 'tracking':
      return going(decideTracking(packet, target))
    case 'set':
      return changeSet(target.options, packet, world)
  }
}

function changeSet(options: readonly Option[], packet: Packet, world: World): Effect {
  const changing = options.filter(({ name }) => name === 'add-set' || name === 'del-set')
  const maps = options.some(({ name }) => name.startsWith('map-'))
  return {
    kind: 'continue',
    packet: maps ? { ...packet, mark: unknownBits } : packet,
    world: changing.reduce((now, { values: [set = ''] }) => forgetSet(now, set), world),
  }
}
