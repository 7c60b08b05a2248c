import { maxKinds } from '../../limits.ts'

/** Where there are more kinds than are walked, says so: some are not known at all, so no place is surely good. */
export function uncounted(sides: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(sides).flatMap(([name, count]) =>
    count > maxKinds
      ? [`rules tell ${count} kinds of ${name} apart, and only ${maxKinds} of them were walked`]
      : [],
  )
}
