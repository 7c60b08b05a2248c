import {
  type DualNetwork,
  dualContains,
  dualOverlaps,
  formatWithLength,
  parseDual,
} from './dual.ts'

/** The networks that are left of some networks without others: the fewest, each with its length. Both may be of both families. */
export function withoutNetworks(
  texts: readonly string[],
  others: readonly string[],
): readonly string[] {
  const taken = others.flatMap((text) => parseDual(text) ?? [])
  return texts.flatMap((text) => {
    const network = parseDual(text)
    return network ? left(network, taken).map(formatWithLength) : []
  })
}

/** A network that holds only a part of another is halved, until each half holds nothing of it or lies in it. */
function left(network: DualNetwork, taken: readonly DualNetwork[]): readonly DualNetwork[] {
  const met = taken.filter((one) => dualOverlaps(one, network))
  if (met.length === 0) return [network]
  if (met.some((one) => dualContains(one, network))) return []
  const { first, last } = network
  const length = network.length + 1
  const middle = first + (last - first + 1n) / 2n
  const halves = [
    { ...network, length, last: middle - 1n },
    { ...network, length, first: middle },
  ]
  return halves.flatMap((half) => left(half, met))
}
