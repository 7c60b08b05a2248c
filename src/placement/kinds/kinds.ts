import { firstIndex } from '../../ip/first-index.ts'
import type { Range } from '../../ip/ranges.ts'

/** What one match of a rule, or one set, matches: addresses or ports in any of these ranges. They may overlap. */
export type MatchedRanges = readonly Range[]

/** Addresses or ports, sorted into kinds. Two numbers are of one kind if they are in the same matched ranges. */
export interface Kinds {
  /** The name of the kind of a number; empty if nothing matches it. */
  readonly of: (number: number) => string
  /** All numbers of 32 bits, split into rows of one kind each, ascending. */
  readonly rows: readonly Range[]
}

const end = 2 ** 32

/** Sorts all numbers of 32 bits into kinds, in one pass over the ends of the ranges. */
export function kindsBy(matches: readonly MatchedRanges[]): Kinds {
  const edges = matches.flatMap((ranges, match) =>
    ranges.flatMap(({ first, last }) => [
      { at: first, match, by: 1 },
      { at: last + 1, match, by: -1 },
    ]),
  )
  const starts = [0]
  const names = ['']
  const depth = new Map<number, number>()
  for (const { at, match, by } of edges.sort((a, b) => a.at - b.at)) {
    depth.set(match, (depth.get(match) ?? 0) + by)
    if (depth.get(match) === 0) depth.delete(match)
    if (at !== starts.at(-1) && at < end) starts.push(at)
    if (at < end) names[starts.length - 1] = [...depth.keys()].sort((a, b) => a - b).join(' ')
  }
  return {
    of: (number) => {
      const next = firstIndex(starts.length, (index) => (starts[index] ?? end) > number)
      return names[next - 1] ?? ''
    },
    rows: starts.map((first, index) => ({ first, last: (starts[index + 1] ?? end) - 1 })),
  }
}
