import { matches } from '../../flow/matching.ts'
import type { Packet } from '../../flow/packet.ts'
import { positions } from '../../flow/positions.ts'
import { verdictOfPolicy } from '../../flow/verdict.ts'
import { guardRule } from '../../guard/guard.ts'
import type { Rule } from '../../iptables/rule.ts'
import { maxTriedOnInterface } from '../../limits.ts'
import { answered, answers, atForward, fresh, requests } from '../flows/flow.ts'
import { pairs } from '../flows/pairs.ts'
import type { HostModel } from '../host/host-model.ts'
import { type Other, othersOf } from '../host/other-interfaces.ts'
import { type Outsider, outsidersOn } from '../host/outsiders.ts'

/**
 * The interfaces of others by which strangers get out now, but not with our rule at a place, and whether that is new
 * connections, answers or both. Only told: nobody says whether they should.
 */
export function cutOff(model: HostModel, place: number): readonly string[] {
  const found = new Map<string, string[]>()
  const begun = Object.values(requests).map((packet) => ({ ...fresh, ...packet }))
  const answering = answers.map((packet) => ({ ...answered(model), ...packet }))
  const guarded = model.intent.interfaces.map((on): Guarded => {
    const strangers = outsidersOn(model, on).slice(0, maxTriedOnInterface)
    return { on, strangers, ours: guardRule(model.intent, on) }
  })
  for (const other of othersOf(model)) {
    const cut = (packets: readonly Partial<Packet>[]): boolean =>
      guarded.some((one) => isCut(model, place, one, other, packets))
    const what = [
      ...(cut(begun) ? ['new connections'] : []),
      ...(cut(answering) ? ['answers'] : []),
    ].join(' and ')
    if (what !== '') found.set(what, [...(found.get(what) ?? []), other.name])
  }
  return [...found].map(([what, names]) => `${names.join(', ')} (${what})`)
}

/** A guarded interface, who may come in there without being in the set, and our rule for it. */
interface Guarded {
  readonly on: string
  readonly strangers: readonly Outsider[]
  readonly ours: Rule
}

/** Whether one of some packets, from any stranger to anybody behind an interface, is let out now by what is behind the place. */
function isCut(
  model: HostModel,
  place: number,
  { on, strangers, ours }: Guarded,
  { name: out, addresses }: Other,
  packets: readonly Partial<Packet>[],
): boolean {
  return pairs(strangers, addresses, maxTriedOnInterface).some(
    ([{ address: source }, destination]) =>
      packets.some((packet) =>
        endsAt(model, place, ours, { ...packet, in: on, out, source, destination }),
      ),
  )
}

/** Whether a packet comes to the place, would be stopped by our rule there, and is accepted behind it now. */
function endsAt(model: HostModel, place: number, ours: Rule, about: Partial<Packet>): boolean {
  const { ruleset } = model
  const policy = ruleset.tables.get('filter')?.get('FORWARD')?.policy ?? 'ACCEPT'
  const arriving = { aim: 'keep', title: '', about, remedy: '', imagined: false } as const
  return atForward(arriving, model).some(({ packet, world }) => {
    if (packet.state === 'NEW' && packet.dnat) return false
    const all = positions(ruleset, 'filter', 'FORWARD', packet, world)
    const [at, end] = [all[place - 1], all.at(-1)]
    if (!at || !end || at.reached === 'no') return false
    if (matches(ours, at.packet, at.world) === 'no') return false
    const behind = [
      ...end.before.slice(at.before.length).map(({ verdict }) => verdict),
      ...(end.reached === 'no' ? [] : [verdictOfPolicy(policy)]),
    ]
    return behind.some(({ kind }) => kind === 'accept' || kind === 'unknown')
  })
}
