import type { Range } from '../../ip/ranges.ts'

/** What a rule, or a set, asks of an address or a port: to be in one of these ranges. They may overlap. */
export type Condition = readonly Range[]

/** Numbers, sorted by the conditions that they meet: what no condition tells apart is of one kind. */
export interface Kinds {
  /** The name of the kind of a number. */
  readonly of: (number: number) => string
  /** Every row of neighbours of one kind, ascending. */
  readonly rows: readonly Range[]
}

const end = 2 ** 32

/** Sorts all numbers of 32 bits by some conditions, in one sweep over the ends of their ranges. */
export function kindsBy(conditions: readonly Condition[]): Kinds {
  const edges = conditions.flatMap((ranges, condition) =>
    ranges.flatMap(({ first, last }) => [
      { at: first, condition, by: 1 },
      { at: last + 1, condition, by: -1 },
    ]),
  )
  const starts = [0]
  const names = ['']
  const depth = new Map<number, number>()
  for (const { at, condition, by } of edges.sort((a, b) => a.at - b.at)) {
    depth.set(condition, (depth.get(condition) ?? 0) + by)
    if (depth.get(condition) === 0) depth.delete(condition)
    if (at !== starts.at(-1) && at < end) starts.push(at)
    if (at < end) names[starts.length - 1] = [...depth.keys()].sort((a, b) => a - b).join(' ')
  }
  const indexOf = (number: number): number => {
    let [low, high] = [0, starts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? end) <= number) low = middle
      else high = middle - 1
    }
    return low
  }
  return {
    of: (number) => names[indexOf(number)] ?? '',
    rows: starts.map((first, index) => ({ first, last: (starts[index + 1] ?? end) - 1 })),
  }
}
