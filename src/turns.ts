import { setImmediate as nextTurn } from 'node:timers/promises'
import pLimit from 'p-limit'

const one = pLimit(1)

/**
 * Runs what takes long to work out, one at a time and each in a turn of its own, however many hosts there are: between
 * them timers run, so that hosts go on hearing from us.
 */
export function inTurn<T>(work: () => T): Promise<T> {
  return one(async () => {
    await nextTurn()
    return work()
  })
}
