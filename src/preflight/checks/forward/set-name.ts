import type { ForwardCheck } from '../../check.ts'
import { judgeRefusal } from '../../evidence/refused-plan.ts'

/** Whether the name of our set is free, or names a set that can be ours. */
export const setName: ForwardCheck = {
  id: 'set-name',
  judge: (subject) => judgeRefusal(subject, 'set'),
}
