import type { RunSummary } from './past-run.ts'

/**
 * Sorts runs by their beginning, newest first, by their numbers: a clock may be wrong. Runs of earlier versions have none. They are
 * older than all others, and have an order by time.
 */
export function newestFirst(one: RunSummary, other: RunSummary): number {
  return byNumber(one, other, (run) => run.begun.sequence)
}

/**
 * Sorts runs by what they did last, latest first: a run may have waited at a question while others that began after it decided. A run
 * takes the number of its decision while it holds its hosts, so of two runs the greater one has decided about a host last.
 */
export function latestFirst(one: RunSummary, other: RunSummary): number {
  return byNumber(one, other, lastNumber)
}

/**
 * Whether it is sure which of two runs was later. Without two different numbers of one series, the clock must not contradict: a
 * numbered run begins after one without, and none in the future. Where an earlier version wrote only one of the journals, it is not
 * known when that run decided, so the order of their beginnings must be the same.
 */
export function orderIsSure(one: RunSummary, other: RunSummary): boolean {
  const [a, b] = [lastNumber(one), lastNumber(other)]
  const byClock = laterByClock(one, other)
  if (a !== undefined && b !== undefined) {
    const { series } = one.begun
    if (series === undefined || series !== other.begun.series)
      return Math.sign(b - a) === Math.sign(byClock) && a !== b
    const alike = (one.lastNumber === undefined) === (other.lastNumber === undefined)
    return a !== b && (alike || latestFirst(one, other) > 0 === newestFirst(one, other) > 0)
  }
  if (a !== undefined) return byClock < 0
  if (b !== undefined) return byClock > 0
  return [one, other].every(({ begun }) => Date.parse(begun.time) <= Date.now())
}

function lastNumber({ lastNumber: last, begun }: RunSummary): number | undefined {
  return last ?? begun.sequence
}

function byNumber(
  one: RunSummary,
  other: RunSummary,
  numberOf: (run: RunSummary) => number | undefined,
): number {
  const later = (numberOf(other) ?? 0) - (numberOf(one) ?? 0)
  // Ids have their time by the second only, so the journal's time comes first.
  return later || laterByClock(one, other) || (one.id < other.id ? 1 : -1)
}

/** Greater than 0 if the other run began later by the clock of this machine. */
function laterByClock(one: RunSummary, other: RunSummary): number {
  return Date.parse(other.begun.time) - Date.parse(one.begun.time)
}
