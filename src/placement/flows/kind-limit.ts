/** How many kinds of one side are walked, so that a plan takes seconds at most. */
export const walkable = 4000

/** Where there are more kinds than are walked, says so: some are not known at all, so no place is surely good. */
export function uncounted(sides: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(sides).flatMap(([name, count]) =>
    count > walkable
      ? [`rules tell ${count} kinds of ${name} apart, and only ${walkable} of them were walked`]
      : [],
  )
}
