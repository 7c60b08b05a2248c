import { matches } from '../../flow/matching.ts'
import { makePacket } from '../../flow/packet.ts'
import type { Rule } from '../../iptables/rule.ts'
import { maxExtraPairs } from '../../limits.ts'
import type { HostModel } from '../host/host-model.ts'
import type { Outsider } from '../host/outsiders.ts'
import type { Pod } from '../host/pods.ts'
import { fresh } from './flow.ts'
import { pairs } from './pairs.ts'
import { rulesOnPath } from './rules-on-path.ts'

type Pairs = readonly (readonly [Outsider, Pod])[]

/**
 * Which outsider is walked to which pod: each to each, if that is affordable. If not, each outsider is walked to the
 * first pod. To every other pod, only outsiders are walked that the rules on its path tell apart. If that is still too
 * many, rules on the path to the first pod no longer count: every outsider has met those.
 */
export function outsiderPairs(
  model: HostModel,
  outsiders: readonly Outsider[],
  pods: readonly Pod[],
  on: string,
): Pairs {
  const usual = pairs(outsiders, pods, model.maxPairs)
  const [first, ...others] = pods
  if (!first || usual.length === outsiders.length * pods.length) return usual
  const matching = matchingOutsiders(model, outsiders, on)
  const paths = others.map((pod) => ({ pod, rules: rulesAskingSource(model, pod, on) }))
  const onFirstPath = new Set(rulesAskingSource(model, first, on))
  const exact = paths.flatMap(({ pod, rules }) => oneOfEach(outsiders, pod, rules, matching))
  if (exact.length <= maxExtraPairs) return [...usual, ...exact]
  const reduced = paths.flatMap(({ pod, rules }) => {
    const own = rules.filter((rule) => !onFirstPath.has(rule))
    return oneOfEach(outsiders, pod, own, matching)
  })
  return [...usual, ...reduced]
}

/** The rules that any outsider may match on the path to a pod, if they match by source. */
function rulesAskingSource(
  model: HostModel,
  { address: destination, out }: Pod,
  on: string,
): readonly Rule[] {
  return rulesOnPath(model, makePacket({ ...fresh, in: on, out, destination })).filter(asksSource)
}

function asksSource({ matches: conditions }: Rule): boolean {
  return conditions.some(
    (match) =>
      match.kind === 'source' ||
      (match.kind === 'module' && /^(set|iprange|conntrack)$/.test(match.module)),
  )
}

/** Answers, by their indexes, which outsiders a rule may match. Each rule is evaluated once. */
function matchingOutsiders(
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

/**
 * Sorts outsiders by which of some rules they match, and pairs the first of each kind with a pod. The very first outsider
 * is left out: the usual pairs have it already.
 */
function oneOfEach(
  outsiders: readonly Outsider[],
  pod: Pod,
  rules: readonly Rule[],
  matching: (rule: Rule) => readonly number[],
): Pairs {
  const kinds = new Uint32Array(outsiders.length)
  let count = 1
  for (const rule of rules) {
    const split = new Map<number, number>()
    for (const i of matching(rule)) {
      const kind = kinds[i] ?? 0
      const next = split.get(kind) ?? count++
      split.set(kind, next)
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
