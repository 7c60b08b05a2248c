import type { HostState } from '../facts/state.ts'
import { matches } from '../flow/matching.ts'
import type { Packet } from '../flow/packet.ts'
import { positionRanges, rangeAt } from '../flow/positions.ts'
import { verdictOfPolicy } from '../flow/verdict.ts'
import { guardRule } from '../guard/guard.ts'
import type { ProtectIntent } from '../guard/intent.ts'
import type { Rule } from '../iptables/rule.ts'
import { maxTriedOnInterface } from '../limits.ts'
import { atForward, fresh, replies, replying, requests } from './flows/flow.ts'
import { pairs } from './flows/pairs.ts'
import { type HostModel, hostModelOf } from './host/host-model.ts'
import { type OtherInterface, otherInterfacesOf } from './host/other-interfaces.ts'
import { type Outsider, outsidersOn } from './host/outsiders.ts'

/** What outsiders can no longer send out by some interfaces. */
export interface LostAccess {
  readonly out: readonly string[]
  readonly lost: 'new connections' | 'replies' | 'new connections and replies'
}

/**
 * The interfaces by which outsiders send packets out today, but not with our rule at a position. Interfaces of pods and
 * containers do not count. Whether outsiders need that access is not known. Pure.
 */
export function lostOutboundAccess(
  state: HostState,
  intent: ProtectIntent,
  position: number,
): readonly LostAccess[] {
  const model = hostModelOf(state, intent)
  const found = new Map<LostAccess['lost'], string[]>()
  const newConnections = Object.values(requests).map((packet) => ({ ...fresh, ...packet }))
  const replyPackets = replies.map((packet) => ({ ...replying(model), ...packet }))
  const guarded = intent.interfaces.map((on): GuardedInterface => {
    const outsiders = outsidersOn(model, on).slice(0, maxTriedOnInterface)
    return { on, outsiders, ours: guardRule(intent, on) }
  })
  for (const other of otherInterfacesOf(model)) {
    const loses = (packets: readonly Partial<Packet>[]): boolean =>
      guarded.some((one) => anyIsLost(model, position, one, other, packets))
    const lost = lossOf(loses(newConnections), loses(replyPackets))
    if (lost) found.set(lost, [...(found.get(lost) ?? []), other.name])
  }
  return [...found].map(([lost, out]) => ({ out, lost }))
}

function lossOf(newConnections: boolean, replies: boolean): LostAccess['lost'] | undefined {
  if (newConnections) return replies ? 'new connections and replies' : 'new connections'
  return replies ? 'replies' : undefined
}

interface GuardedInterface {
  readonly on: string
  readonly outsiders: readonly Outsider[]
  readonly ours: Rule
}

/** Whether any of some packets is lost, from any outsider to any address behind an interface. */
function anyIsLost(
  model: HostModel,
  position: number,
  { on, outsiders, ours }: GuardedInterface,
  { name: out, addresses }: OtherInterface,
  packets: readonly Partial<Packet>[],
): boolean {
  return pairs(outsiders, addresses, maxTriedOnInterface).some(
    ([{ address: source }, destination]) =>
      packets.some((packet) =>
        isLost(model, position, ours, { ...packet, in: on, out, source, destination }),
      ),
  )
}

/** Whether a packet comes to the position, our rule may stop it there, and something behind the position accepts it today. */
function isLost(model: HostModel, position: number, ours: Rule, about: Partial<Packet>): boolean {
  const { ruleset } = model
  const policy = ruleset.tables.get('filter')?.get('FORWARD')?.policy ?? 'ACCEPT'
  const arriving = { aim: 'keep', title: '', about, remedy: '', imagined: false } as const
  return atForward(arriving, model).some(({ packet, world }) => {
    if (packet.state === 'NEW' && packet.dnat) return false
    const all = positionRanges(ruleset, 'filter', 'FORWARD', packet, world)
    const [here, end] = [rangeAt(all, position), all.at(-1)]
    if (!here || !end || here.reached === 'no') return false
    if (matches(ours, here.packet, here.world) === 'no') return false
    const behind = [
      ...end
        .before()
        .slice(here.before().length)
        .map(({ verdict }) => verdict),
      ...(end.reached === 'no' ? [] : [verdictOfPolicy(policy)]),
    ]
    return behind.some(({ kind }) => kind === 'accept' || kind === 'unknown')
  })
}
