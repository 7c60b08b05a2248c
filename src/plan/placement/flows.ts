import { bridgedFlows } from './bridged-flows.ts'
import type { Flow } from './flow.ts'
import { legitimateFlows } from './legitimate.ts'
import { outsiderFlows } from './outsider-flows.ts'
import { type Outsider, outsidersOn } from './outsiders.ts'
import { type Pod, podsOf } from './pods.ts'
import { publishedFlows } from './published-flows.ts'
import type { Terrain } from './terrain.ts'

/** The flows that matter on a host, and what was too much to be walked, in words. */
export interface Sampled {
  readonly flows: readonly Flow[]
  readonly notes: readonly string[]
}

/**
 * The flows that matter on a host, by its rules, sets, interfaces and routes: one of each kind that the rules tell apart.
 * Pure.
 */
export function flowsOf(terrain: Terrain): Sampled {
  const { intent } = terrain
  const pods = podsOf(terrain)
  const several = intent.interfaces.length > 1
  const found = intent.interfaces.map((on): Sampled => {
    const outsiders = outsidersOn(terrain, on)
    const published =
      intent.published === 'block'
        ? { flows: [], notes: [] }
        : publishedFlows(terrain, outsiders, on)
    const flows = [
      ...outsiderFlows(terrain, outsiders, pods, on),
      ...legitimateFlows(terrain, outsiders, pods, on),
      ...published.flows,
      ...bridgedFlows(terrain, outsiders, on),
    ]
    return {
      flows: several ? flows.map((flow) => ({ ...flow, title: `${flow.title}, ${on}` })) : flows,
      notes: [...crowded(outsiders, pods, terrain), ...published.notes],
    }
  })
  return {
    flows: found.flatMap(({ flows }) => flows),
    notes: [...new Set(found.flatMap(({ notes }) => notes))],
  }
}

/** Where there are too many kinds to walk each with each, says so. */
function crowded(
  outsiders: readonly Outsider[],
  pods: readonly Pod[],
  { mostPairs }: Terrain,
): readonly string[] {
  if (outsiders.length * pods.length <= mostPairs) return []
  const dropped = [outsiders, pods].reduce(
    (sum, side) => sum + Math.max(0, side.length - mostPairs),
    0,
  )
  const untried = dropped > 0 ? `, and ${dropped} kinds not at all` : ''
  return [
    `rules tell ${outsiders.length} kinds of outsiders and ${pods.length} kinds of pods apart: not each was walked with each${untried}`,
  ]
}
