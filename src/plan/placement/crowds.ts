import { rulesOf } from '../../iptables/ruleset.ts'
import type { Terrain } from './terrain.ts'

/** How many kinds of one side are walked, so that a plan takes seconds at most. */
const mostKinds = 4000

/** How many places all kinds together may be walked past. */
const mostPlaces = 600_000

/** How many kinds of one side are walked: of a chain with many places, fewer. */
export function walkable({ ruleset }: Terrain): number {
  const places = rulesOf(ruleset, 'filter', 'FORWARD').length + 1
  return Math.min(mostKinds, Math.max(100, Math.floor(mostPlaces / places)))
}

/** Where there are more kinds than are walked, says so: some are not known at all, so no place is surely good. */
export function uncounted(
  sides: Readonly<Record<string, number>>,
  terrain: Terrain,
): readonly string[] {
  const most = walkable(terrain)
  return Object.entries(sides).flatMap(([name, count]) =>
    count > most
      ? [`rules tell ${count} kinds of ${name} apart, and only ${most} of them were walked`]
      : [],
  )
}
