import { firstIndex } from '../../ip/first-index.ts'
import type { Range } from '../../ip/ipv4-ranges.ts'

/** What one match of a rule, or one set, matches: addresses or ports in any of these ranges. They may overlap. */
export type MatchedRanges = readonly Range[]

/** Addresses or ports, sorted into kinds. Two numbers are of one kind if they are in the same matched ranges. */
export interface Kinds {
  /** The name of the kind of a number; empty if nothing matches it. */
  readonly of: (number: number) => string
  /** The last number of the row that a number is in. */
  readonly rowEnd: (number: number) => number
  /** All numbers of 32 bits, split into rows of one kind each, ascending. */
  readonly rows: readonly Range[]
}

const end = 2 ** 32

/** An edge is one number, which sorts a hundred times faster than an object: address, match, and whether it begins there. */
const perAddress = 2 ** 21

/** The ends of all ranges that are numbers of 32 bits, ascending. */
function edgesOf(matches: readonly MatchedRanges[]): Float64Array {
  if (matches.length > perAddress / 2) throw new RangeError('there are too many matches')
  const edges = new Float64Array(2 * matches.reduce((sum, { length }) => sum + length, 0))
  let count = 0
  for (const [index, ranges] of matches.entries()) {
    for (const { first, last } of ranges) {
      edges[count++] = first * perAddress + index * 2 + 1
      if (last + 1 < end) edges[count++] = (last + 1) * perAddress + index * 2
    }
  }
  return edges.subarray(0, count).sort()
}

/**
 * Sorts all numbers of 32 bits into kinds, in one pass over the ends of the ranges. Rows and names are made when they are first
 * asked for: of thousands of rows most are only counted.
 */
export function kindsBy(matches: readonly MatchedRanges[]): Kinds {
  const edges = edgesOf(matches)
  const starts = [0]
  let last = 0
  for (const edge of edges) {
    const at = Math.floor(edge / perAddress)
    if (at !== last) starts.push(at)
    last = at
  }
  let names: readonly string[] | undefined
  let rows: readonly Range[] | undefined
  const rowAfter = (number: number): number =>
    firstIndex(starts.length, (index) => (starts[index] ?? end) > number)
  return {
    of: (number) => {
      names ??= namesOf(edges, starts)
      return names[rowAfter(number) - 1] ?? ''
    },
    rowEnd: (number) => (starts[rowAfter(number)] ?? end) - 1,
    get rows() {
      rows ??= starts.map((first, index) => ({ first, last: (starts[index + 1] ?? end) - 1 }))
      return rows
    },
  }
}

/** The name of the kind of each row: the matches that it is in. */
function namesOf(edges: Float64Array, starts: readonly number[]): readonly string[] {
  const depth = new Map<number, number>()
  let next = 0
  return starts.map((start) => {
    for (let edge = edges[next]; edge !== undefined; edge = edges[++next]) {
      if (Math.floor(edge / perAddress) !== start) break
      const match = Math.floor((edge % perAddress) / 2)
      const now = (depth.get(match) ?? 0) + (edge % 2 === 1 ? 1 : -1)
      if (now === 0) depth.delete(match)
      else depth.set(match, now)
    }
    return depth.size < 2
      ? [...depth.keys()].join('')
      : [...depth.keys()].sort((a, b) => a - b).join(' ')
  })
}
