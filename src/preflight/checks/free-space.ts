import { type Check, fail, pass } from '../check.ts'

/** Kilobytes in /run that a transaction may need for its lock and its undo. */
const needed = 64

/** Whether /run has room for the lock and the undo of a transaction. */
export const roomInRun: Check = {
  title: 'room in /run',
  judge({ facts }) {
    const free = facts.freeKilobytes
    if (free === undefined || free >= needed) return pass
    return fail(
      `/run has ${free} kB free, ${needed} kB are needed`,
      'See what fills it: `du -x /run | sort -n | tail`.',
    )
  },
}
