import { type DualNetwork, dualContains, formatWithLength, parseDual } from './dual.ts'

/** The fewest networks that hold the same addresses as some networks together, each with its length. Both may be of both families. */
export function joinNetworks(texts: readonly string[]): readonly string[] {
  const found: DualNetwork[] = []
  for (const network of texts.flatMap((text) => parseDual(text) ?? []).sort(inOrder)) {
    const last = found.at(-1)
    if (!last || !dualContains(last, network)) addTo(found, network)
  }
  return found.map(formatWithLength)
}

/** Two halves become the network that they are halves of, and that may be a half again. */
function addTo(found: DualNetwork[], network: DualNetwork): void {
  const before = found.at(-1)
  const whole = before && wholeOf(before, network)
  if (!whole) {
    found.push(network)
    return
  }
  found.pop()
  addTo(found, whole)
}

function wholeOf(lower: DualNetwork, upper: DualNetwork): DualNetwork | undefined {
  const size = upper.last - upper.first + 1n
  const areHalves =
    lower.family === upper.family &&
    lower.length === upper.length &&
    lower.last + 1n === upper.first &&
    lower.first % (2n * size) === 0n
  return areHalves ? { ...lower, last: upper.last, length: lower.length - 1 } : undefined
}

function inOrder(a: DualNetwork, b: DualNetwork): number {
  if (a.family !== b.family) return a.family - b.family
  if (a.first !== b.first) return a.first < b.first ? -1 : 1
  return a.length - b.length
}
