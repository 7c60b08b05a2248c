import { matches } from '../../flow/matching.ts'
import { makePacket } from '../../flow/packet.ts'
import type { Rule } from '../../iptables/rule.ts'
import { maxExtraPairs } from '../../limits.ts'
import type { HostModel } from '../host/host-model.ts'
import type { Outsider } from '../host/outsiders.ts'
import type { Pod } from '../host/pods.ts'
import { fresh } from './flow.ts'
import { pairs } from './pairs.ts'
import { metBy } from './rules-on-path.ts'

type Pairs = readonly (readonly [Outsider, Pod])[]

/**
 * The outsiders to walk to each pod. Where each with each is too many, of those whom no rule on the way to a pod tells
 * apart one is enough; where that is too many as well, only rules that are not on the way to the first pod count, because
 * each outsider is walked to that one.
 */
export function outsiderPairs(
  model: HostModel,
  outsiders: readonly Outsider[],
  pods: readonly Pod[],
  on: string,
): Pairs {
  const usual = pairs(outsiders, pods, model.mostPairs)
  const [first, ...others] = pods
  if (!first || usual.length === outsiders.length * pods.length) return usual
  const told = meeting(model, outsiders, on)
  const ways = others.map((pod) => ({ pod, rules: waysTo(model, pod, on) }))
  const known = new Set(waysTo(model, first, on))
  const exact = ways.flatMap(({ pod, rules }) => oneOfEach(outsiders, pod, rules, told))
  const own = (rules: readonly Rule[]): readonly Rule[] => rules.filter((rule) => !known.has(rule))
  const chosen =
    exact.length <= maxExtraPairs
      ? exact
      : ways.flatMap(({ pod, rules }) => oneOfEach(outsiders, pod, own(rules), told))
  return [...usual, ...chosen]
}

/** The rules that somebody may meet on his way to a pod, whoever he is, and that ask who he is. */
function waysTo(model: HostModel, { address: destination, out }: Pod, on: string): readonly Rule[] {
  return metBy(model, makePacket({ ...fresh, in: on, out, destination })).filter(asksSource)
}

function asksSource({ matches: conditions }: Rule): boolean {
  return conditions.some(
    (match) =>
      match.kind === 'source' ||
      (match.kind === 'module' && /^(set|iprange|conntrack)$/.test(match.module)),
  )
}

/** The outsiders, by their number, who may meet a rule. Asked once for each rule. */
function meeting(
  { world }: HostModel,
  outsiders: readonly Outsider[],
  on: string,
): (rule: Rule) => readonly number[] {
  const known = new Map<Rule, readonly number[]>()
  const packets = outsiders.map(({ address: source }) => makePacket({ ...fresh, in: on, source }))
  return (rule) => {
    const found =
      known.get(rule) ??
      packets.flatMap((packet, i) => (matches(rule, packet, world) === 'no' ? [] : [i]))
    known.set(rule, found)
    return found
  }
}

/** Of the outsiders who meet the same of some rules, the first, but for those who meet none and for the very first. */
function oneOfEach(
  outsiders: readonly Outsider[],
  pod: Pod,
  rules: readonly Rule[],
  meets: (rule: Rule) => readonly number[],
): Pairs {
  const kinds = new Uint32Array(outsiders.length)
  let count = 1
  for (const rule of rules) {
    const moved = new Map<number, number>()
    for (const i of meets(rule)) {
      const kind = kinds[i] ?? 0
      const next = moved.get(kind) ?? count++
      moved.set(kind, next)
      kinds[i] = next
    }
  }
  const found = new Map<number, Outsider>()
  for (const [i, outsider] of outsiders.entries()) {
    const kind = kinds[i] ?? 0
    if (!found.has(kind)) found.set(kind, outsider)
  }
  return [...found.values()].flatMap((one) => (one === outsiders[0] ? [] : [[one, pod] as const]))
}
