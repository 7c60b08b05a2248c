import type { Change } from '../../plan/change.ts'
import { type Check, fail, pass } from '../check.ts'

/** Kilobytes in /run that a transaction may need for its lock, its program and the undo of rules. */
const withoutState = 64

/** Whether /run has space for the lock and the undo of a transaction. */
export const runSpace: Check = {
  id: 'run-space',
  judge({ facts, plan }) {
    const free = facts.freeKilobytes
    const changes = plan.kind === 'planned' ? plan.changes : []
    const needed =
      withoutState + Math.ceil(changes.map(stateSize).reduce((a, b) => a + b, 0) / 1024)
    if (free === undefined || free >= needed) return pass
    return fail(
      `/run has ${free} kB free and needs ${needed} kB`,
      '`du -ax /run | sort -n | tail` on that host shows what fills /run. Free space in /run, then run the same command again.',
    )
  },
}

/** How many characters of a set, table or chain the undo of a change writes: a set of 65,536 members is a megabyte. */
function stateSize(change: Change): number {
  switch (change.kind) {
    case 'rules':
    case 'boot':
      return 0
    case 'table':
      return change.before?.length ?? 0
    case 'set':
      return change.before?.members.join(' ').length ?? 0
    case 'chain':
      return (change.before?.rules ?? [])
        .map(({ raw }) => 2 * raw.length)
        .reduce((a, b) => a + b, 0)
  }
}
