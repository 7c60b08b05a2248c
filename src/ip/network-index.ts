import { type DualNetwork, dualContains } from './dual.ts'
import { firstIndex } from './first-index.ts'

/** Networks, sorted so that those within or around one are found without comparing with each: a host of a large cluster has thousands of routes. */
export interface NetworkIndex<T extends DualNetwork> {
  /** Those that lie in a network, itself included. */
  readonly within: (network: DualNetwork) => readonly T[]
  /** Those in which a network lies, itself included, the smallest first. */
  readonly around: (network: DualNetwork) => readonly T[]
}

export function indexNetworks<T extends DualNetwork>(networks: readonly T[]): NetworkIndex<T> {
  const sorted = networks.toSorted(compare)
  const alike = new Map<string, T[]>()
  for (const one of networks) {
    const found = alike.get(keyOf(one))
    if (found) found.push(one)
    else alike.set(keyOf(one), [one])
  }
  const lengths = [...new Set(networks.map(({ length }) => length))].sort((a, b) => b - a)
  return {
    within: (network) => {
      const end = { ...network, first: network.last }
      const from = firstIndex(sorted.length, (at) => compareTo(sorted[at], network) >= 0)
      const to = firstIndex(sorted.length, (at) => compareTo(sorted[at], end) > 0)
      return sorted.slice(from, to).filter((one) => dualContains(network, one))
    },
    around: (network) =>
      lengths
        .filter((length) => length <= network.length)
        .flatMap((length) => alike.get(keyOf(widened(network, length))) ?? []),
  }
}

type Place = Pick<DualNetwork, 'family' | 'first'>

function compare(a: Place, b: Place): number {
  if (a.family !== b.family) return a.family - b.family
  if (a.first === b.first) return 0
  return a.first < b.first ? -1 : 1
}

function compareTo(one: Place | undefined, other: Place): number {
  return one === undefined ? 1 : compare(one, other)
}

/** The network of that length around a network. */
function widened({ family, first, last, length }: DualNetwork, to: number): KeyParts {
  const size = (last - first + 1n) << BigInt(length - to)
  return { family, first: first - (first % size), length: to }
}

type KeyParts = Pick<DualNetwork, 'family' | 'first' | 'length'>

function keyOf({ family, first, length }: KeyParts): string {
  return `${family} ${first} ${length}`
}
