import type { Flow } from './flow.ts'
import { legitimateFlows } from './legitimate.ts'
import { outsiderFlows } from './outsider-flows.ts'
import { outsidersOn } from './outsiders.ts'
import { podsOf } from './pods.ts'
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
      intent.published === 'block' ? { flows: [], left: 0 } : publishedFlows(terrain, outsiders, on)
    const flows = [
      ...outsiderFlows(terrain, outsiders, pods, on),
      ...legitimateFlows(terrain, outsiders, pods, on),
      ...published.flows,
    ]
    return {
      flows: several ? flows.map((flow) => ({ ...flow, title: `${flow.title}, ${on}` })) : flows,
      notes: [
        ...(outsiders.length * pods.length > terrain.mostPairs
          ? [
              `rules tell ${outsiders.length} kinds of outsiders and ${pods.length} kinds of pods apart: not each was walked with each`,
            ]
          : []),
        ...(published.left > 0
          ? [`${published.left} published ports of nat are too many: they were not walked`]
          : []),
      ],
    }
  })
  return {
    flows: found.flatMap(({ flows }) => flows),
    notes: [...new Set(found.flatMap(({ notes }) => notes))],
  }
}
