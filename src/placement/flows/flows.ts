import { maxKinds } from '../../limits.ts'
import type { HostModel } from '../host/host-model.ts'
import { type Outsider, outsidersOn } from '../host/outsiders.ts'
import { type Pod, podsOf } from '../host/pods.ts'
import { bridgedFlows } from './bridged-flows.ts'
import type { Sampled } from './flow.ts'
import { legitimateFlows } from './legitimate-flows.ts'
import { outsiderFlows } from './outsider-flows.ts'
import { publishedFlows } from './published-flows.ts'
import { returnFlows } from './published-replies.ts'

/**
 * The flows that matter on a host, by its rules, sets, interfaces and routes: one of each kind that the rules tell apart.
 * Pure.
 */
export function flowsOf(model: HostModel): Sampled {
  const { intent } = model
  const allPods = podsOf(model)
  const pods = allPods.slice(0, maxKinds)
  // Only where pods of other hosts arrive bare may a client be sent to one of them by a guarded interface.
  const bare = pods.some(({ here, out }) => !here && intent.interfaces.includes(out))
  const several = intent.interfaces.length > 1
  const found = intent.interfaces.map((on): Sampled => {
    const all = outsidersOn(model, on)
    const outsiders = all.slice(0, maxKinds)
    const published =
      intent.published === 'block'
        ? { flows: [], notes: [], doubts: [] }
        : publishedFlows(model, outsiders, on)
    const flows = [
      ...outsiderFlows(model, outsiders, pods, on),
      ...legitimateFlows(model, outsiders, pods, on),
      ...published.flows,
      ...(bare ? returnFlows(model, published.flows, on) : []),
      ...bridgedFlows(model, outsiders, on),
    ]
    return {
      flows: several ? flows.map((flow) => ({ ...flow, title: `${flow.title}, ${on}` })) : flows,
      notes: [...crowded(outsiders, pods, model), ...published.notes],
      doubts: [...uncounted({ outsiders: all.length, pods: allPods.length }), ...published.doubts],
    }
  })
  return {
    flows: found.flatMap(({ flows }) => flows),
    notes: [...new Set(found.flatMap(({ notes }) => notes))],
    doubts: [...new Set(found.flatMap(({ doubts }) => doubts))],
  }
}

/** Where there are too many kinds to walk each with each, says so. */
function crowded(
  outsiders: readonly Outsider[],
  pods: readonly Pod[],
  { mostPairs }: HostModel,
): readonly string[] {
  if (outsiders.length * pods.length <= mostPairs) return []
  return [
    `rules tell ${outsiders.length} kinds of outsiders and ${pods.length} kinds of pods apart: not each was walked with each`,
  ]
}

/** Where there are more kinds than are walked, says so: some are not known at all, so no place is surely good. */
function uncounted(sides: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(sides).flatMap(([name, count]) =>
    count > maxKinds
      ? [`rules tell ${count} kinds of ${name} apart, and only ${maxKinds} of them were walked`]
      : [],
  )
}
