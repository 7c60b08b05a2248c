import { maxSetMembers } from '../limits.ts'
import { type DualNetwork, formatDual, parseDual } from './dual.ts'
import { firstIndex } from './first-index.ts'

/** Addresses of one family from `first` to `last`, both included. */
export type DualRange = Pick<DualNetwork, 'family' | 'first' | 'last'>

/** Reads an address, a network, or a range such as `192.0.2.1-192.0.2.9`; undefined for any other text. */
export function parseDualRange(text: string): DualRange | undefined {
  const one = parseDual(text)
  if (one) return one
  const dash = text.indexOf('-')
  if (dash < 0) return undefined
  const [first, last] = [parseDual(text.slice(0, dash)), parseDual(text.slice(dash + 1))]
  if (!first || !last || first.family !== last.family || first.first > last.last) return undefined
  return { family: first.family, first: first.first, last: last.last }
}

/** The ranges that some ranges cover together, in order; neighbours are one. */
export function mergeRanges(ranges: readonly DualRange[]): readonly DualRange[] {
  const found: DualRange[] = []
  for (const range of ranges.toSorted(byAddress)) {
    const last = found.at(-1)
    if (!last || last.family !== range.family || range.first > last.last + 1n) found.push(range)
    else if (range.last > last.last) found[found.length - 1] = { ...last, last: range.last }
  }
  return found
}

/** Whether others cover an address, a network or a range together. */
export function isCoveredBy(text: string, by: readonly string[]): boolean {
  return uncovered([text], by).length === 0
}

/**
 * Those addresses, networks and ranges that others do not cover together. A range of few addresses is told one by one, unless
 * there are so many such ranges that a host must have made them up.
 */
export function uncovered(texts: readonly string[], by: readonly string[]): readonly string[] {
  if (texts.length === 0) return []
  const covers = mergeRanges(by.flatMap((text) => parseDualRange(text) ?? []))
  let left = maxSetMembers
  // Of thousands of ClusterIPs, hundreds have their first three numbers in common.
  const known = new Map<string, boolean>()
  const isInCoveredBlock = (text: string): boolean => {
    const block = blockOf(text)
    if (block === undefined) return false
    const found = known.get(block) ?? isIn(`${block}.0/24`, covers)
    known.set(block, found)
    return found
  }
  return [...new Set(texts)].flatMap((text) => {
    if (isInCoveredBlock(text)) return []
    const range = parseDualRange(text)
    if (!range) return [text]
    if (isCovered(range, covers)) return []
    const size = range.last - range.first + 1n
    if (!text.includes('-') || size > 256n || size > left) return [text]
    left -= Number(size)
    return singles(range).filter((one) => !isIn(one, covers))
  })
}

/** The first three numbers of one IPv4 address; undefined for any other text. */
function blockOf(text: string): string | undefined {
  const dot = text.lastIndexOf('.')
  const last = text.slice(dot + 1)
  return dot > 0 && Number(last) < 256 && `${Number(last)}` === last
    ? text.slice(0, dot)
    : undefined
}

function isIn(text: string, covers: readonly DualRange[]): boolean {
  const range = parseDualRange(text)
  return range !== undefined && isCovered(range, covers)
}

function isCovered(range: DualRange, covers: readonly DualRange[]): boolean {
  const at = firstIndex(covers.length, (index) => !endsBefore(covers[index], range))
  const one = covers[at]
  return one?.family === range.family && one.first <= range.first && one.last >= range.last
}

function endsBefore(one: DualRange | undefined, { family, first }: DualRange): boolean {
  return one !== undefined && (one.family === family ? one.last < first : one.family < family)
}

function singles({ family, first, last }: DualRange): readonly string[] {
  return Array.from({ length: Number(last - first) + 1 }, (_, index) => {
    const address = first + BigInt(index)
    return formatDual({ family, first: address, last: address, length: family === 4 ? 32 : 128 })
  })
}

function byAddress(a: DualRange, b: DualRange): number {
  if (a.family !== b.family) return a.family - b.family
  return a.first < b.first ? -1 : 1
}
