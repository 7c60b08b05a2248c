import { bridgedFlows } from './bridged-flows.ts'
import { uncounted, walkable } from './crowds.ts'
import type { Sampled } from './flow.ts'
import { legitimateFlows } from './legitimate.ts'
import { outsiderFlows } from './outsider-flows.ts'
import { type Outsider, outsidersOn } from './outsiders.ts'
import { type Pod, podsOf } from './pods.ts'
import { publishedFlows } from './published-flows.ts'
import { returnFlows } from './return-flows.ts'
import type { Terrain } from './terrain.ts'

/**
 * The flows that matter on a host, by its rules, sets, interfaces and routes: one of each kind that the rules tell apart.
 * Pure.
 */
export function flowsOf(terrain: Terrain): Sampled {
  const { intent } = terrain
  const allPods = podsOf(terrain)
  const pods = allPods.slice(0, walkable)
  // Only where pods of other hosts arrive bare may a client be sent to one of them by a guarded interface.
  const bare = pods.some(({ here, out }) => !here && intent.interfaces.includes(out))
  const several = intent.interfaces.length > 1
  const found = intent.interfaces.map((on): Sampled => {
    const all = outsidersOn(terrain, on)
    const outsiders = all.slice(0, walkable)
    const published =
      intent.published === 'block'
        ? { flows: [], notes: [], doubts: [] }
        : publishedFlows(terrain, outsiders, on)
    const flows = [
      ...outsiderFlows(terrain, outsiders, pods, on),
      ...legitimateFlows(terrain, outsiders, pods, on),
      ...published.flows,
      ...(bare ? returnFlows(terrain, published.flows, on) : []),
      ...bridgedFlows(terrain, outsiders, on),
    ]
    return {
      flows: several ? flows.map((flow) => ({ ...flow, title: `${flow.title}, ${on}` })) : flows,
      notes: [...crowded(outsiders, pods, terrain), ...published.notes],
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
  { mostPairs }: Terrain,
): readonly string[] {
  if (outsiders.length * pods.length <= mostPairs) return []
  return [
    `rules tell ${outsiders.length} kinds of outsiders and ${pods.length} kinds of pods apart: not each was walked with each`,
  ]
}
