import type { HostState } from '../facts/state.ts'
import { matches } from '../flow/matching.ts'
import type { Packet } from '../flow/packet.ts'
import { positionRanges, rangeAt } from '../flow/positions.ts'
import { verdictOfPolicy } from '../flow/verdict.ts'
import { guardRule } from '../guard/forward-rule.ts'
import type { ForwardIntent } from '../guard/intent.ts'
import type { Rule } from '../iptables/rule.ts'
import { maxTriedOnInterface } from '../limits.ts'
import { atForward, fresh, replies, replying, requests } from './flows/flow.ts'
import { pairs } from './flows/pairs.ts'
import { type HostModel, hostModelOf } from './host/host-model.ts'
import { type OtherInterface, otherInterfacesOf } from './host/other-interfaces.ts'
import { type Outsider, outsidersOn } from './host/outsiders.ts'

/** What outsiders can no longer send out by some interfaces. `ways`: from which guarded interface they send to which. */
export interface LostAccess {
  readonly out: readonly string[]
  readonly ways: readonly Way[]
  readonly lost: 'new connections' | 'replies' | 'new connections and replies'
}

/** From one interface to another. */
export interface Way {
  readonly in: string
  readonly out: string
}

/**
 * The interfaces by which outsiders send packets out today, but not with our rule at a position. Interfaces of pods and
 * containers do not count. Whether outsiders need that access is not known. Pure.
 */
export function lostOutboundAccess(
  state: HostState,
  intent: ForwardIntent,
  position: number,
): readonly LostAccess[] {
  const model = hostModelOf(state, intent)
  const found = new Map<LostAccess['lost'], Way[]>()
  const newConnections = Object.values(requests).map((packet) => ({ ...fresh, ...packet }))
  const replyPackets = replies.map((packet) => ({ ...replying(model), ...packet }))
  const guarded = intent.interfaces.map((on): GuardedInterface => {
    const outsiders = outsidersOn(model, on).slice(0, maxTriedOnInterface)
    return { on, outsiders, ours: guardRule(intent, on) }
  })
  for (const other of otherInterfacesOf(model)) {
    const losing = (packets: readonly Partial<Packet>[]): readonly GuardedInterface[] =>
      guarded.filter((one) => anyIsLost(model, position, one, other, packets))
    const [opening, answering] = [losing(newConnections), losing(replyPackets)]
    const lost = lossOf(opening.length > 0, answering.length > 0)
    const from = guarded.filter((one) => opening.includes(one) || answering.includes(one))
    const ways = from.map(({ on }) => ({ in: on, out: other.name }))
    if (lost) found.set(lost, [...(found.get(lost) ?? []), ...ways])
  }
  return [...found].map(([lost, ways]) => ({
    out: [...new Set(ways.map(({ out }) => out))],
    ...{ ways, lost },
  }))
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
  const arriving = { aim: 'keep', title: '', about, remedy: '', invented: false } as const
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
