import { setImmediate as nextTurn } from 'node:timers/promises'
import pLimit from 'p-limit'

const one = pLimit(1)

/**
 * Runs work that takes much CPU, one piece at a time, each in a turn of its own of the event loop. Timers run between
 * the pieces, so that hosts still hear from us in time.
 */
export function inTurn<T>(work: () => T): Promise<T> {
  return one(async () => {
    await nextTurn()
    return work()
  })
}
