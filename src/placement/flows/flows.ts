import { maxKinds } from '../../limits.ts'
import type { InPieces } from '../../waiting/pieces.ts'
import type { HostModel } from '../host/host-model.ts'
import { type Outsider, outsidersOn } from '../host/outsiders.ts'
import { podsOf } from '../host/pods.ts'
import { bridgedFlows } from './bridged-flows.ts'
import type { SampledFlows } from './flow.ts'
import { legitimateFlows } from './legitimate-flows.ts'
import { outsiderFlows } from './outsider-flows.ts'
import { publishedFlows } from './published-flows.ts'
import { publishedReplies } from './published-replies.ts'

/**
 * All flows that positions of a host are judged by: one of each kind that its rules tell apart. Where there are more kinds than
 * may be walked, `auto` is refused anyway, so none is made. Pure.
 */
export function* flowsOf(model: HostModel): InPieces<SampledFlows> {
  const { intent } = model
  const allPods = podsOf(model)
  yield
  const pods = allPods.slice(0, maxKinds)
  // Only where pods of other hosts arrive bare, nat may send a client out again by a guarded interface.
  const bare = pods.some(({ here, out }) => !here && intent.interfaces.includes(out))
  const several = intent.interfaces.length > 1
  const outsidersBy = new Map<string, readonly Outsider[]>()
  for (const on of intent.interfaces) {
    outsidersBy.set(on, outsidersOn(model, on))
    yield
  }
  const unsampled = [
    ...[...outsidersBy.values()].flatMap((all) => notSampled('outsiders', all.length)),
    ...notSampled('pods', allPods.length),
  ]
  if (unsampled.length > 0 && intent.position === 'auto') {
    return { flows: [], notes: [], gaps: [...new Set(unsampled)] }
  }
  const sampled: SampledFlows[] = []
  for (const [on, all] of outsidersBy) {
    const outsiders = all.slice(0, maxKinds)
    const published =
      intent.published === 'block'
        ? { flows: [], notes: [], gaps: [] }
        : yield* publishedFlows(model, outsiders, on)
    yield
    const toStop = yield* outsiderFlows(model, outsiders, pods, on)
    const flows = [
      ...toStop,
      ...legitimateFlows(model, outsiders, pods, on),
      ...published.flows,
      ...(bare ? publishedReplies(model, published.flows, on) : []),
      ...bridgedFlows(model, outsiders, on),
    ]
    yield
    sampled.push({
      flows: several ? flows.map((flow) => ({ ...flow, title: `${flow.title}, ${on}` })) : flows,
      notes: [...notCombined(outsiders.length, pods.length, model), ...published.notes],
      gaps: [
        ...notSampled('outsiders', all.length),
        ...notSampled('pods', allPods.length),
        ...published.gaps,
      ],
    })
  }
  return {
    flows: sampled.flatMap(({ flows }) => flows),
    notes: [...new Set(sampled.flatMap(({ notes }) => notes))],
    gaps: [...new Set(sampled.flatMap(({ gaps }) => gaps))],
  }
}

function notCombined(outsiders: number, pods: number, { maxPairs }: HostModel): readonly string[] {
  if (outsiders * pods <= maxPairs) return []
  return [
    `the rules on this host treat ${outsiders} kinds of outsiders and ${pods} kinds of pods differently. fw-run cannot check all combinations, so fw-run checked only some. Test the guard after apply, from a machine that is not in the set: a connection to a pod must fail`,
  ]
}

function notSampled(name: string, kinds: number): readonly string[] {
  if (kinds <= maxKinds) return []
  return [
    `the rules on this host treat ${kinds} kinds of ${name} differently, and fw-run checks at most ${maxKinds}`,
  ]
}
