import { type Check, fail, pass } from '../check.ts'

/** Kilobytes in /run that a transaction may need for its lock and its undo. */
const needed = 64

/** Whether /run has space for the lock and the undo of a transaction. */
export const runSpace: Check = {
  id: 'run-space',
  judge({ facts }) {
    const free = facts.freeKilobytes
    if (free === undefined || free >= needed) return pass
    return fail(
      `/run has ${free} kB free and needs ${needed} kB`,
      '`du -ax /run | sort -n | tail` shows what fills it. Free space there, and run again.',
    )
  },
}
