import { setImmediate as nextTurn } from 'node:timers/promises'
import pLimit from 'p-limit'
import type { InPieces } from './pieces.ts'

const one = pLimit(1)

/** How long pieces of work may follow each other before timers, answers and Ctrl-C have their turn. */
const turnMs = 20

/**
 * Runs work that takes much CPU, one at a time, each in a turn of its own of the event loop. Timers run between
 * them, so that hosts still hear from us in time.
 */
export function inTurn<T>(work: () => T): Promise<T> {
  return one(async () => {
    await nextTurn()
    return work()
  })
}

/** The same for work in pieces: the event loop has its turn between them, too. */
export function inTurns<T>(work: () => InPieces<T>): Promise<T> {
  return one(async () => {
    await nextTurn()
    const pieces = work()
    for (let began = performance.now(); ; ) {
      const step = pieces.next()
      if (step.done) return step.value
      if (performance.now() - began < turnMs) continue
      await nextTurn()
      began = performance.now()
    }
  })
}

/** Begins work on each of many hosts, in as many turns as that takes, and waits for all; rejects if any work does. */
export async function beginInTurns<T, R>(
  hosts: readonly T[],
  work: (host: T) => Promise<R>,
): Promise<readonly R[]> {
  const begun: Promise<R>[] = []
  let began = performance.now()
  for (const host of hosts) {
    const one = work(host)
    // Who waits for all hears of it.
    one.catch(() => {})
    begun.push(one)
    if (performance.now() - began < turnMs) continue
    await nextTurn()
    began = performance.now()
  }
  return Promise.all(begun)
}
