import type { ProtectionCheck } from '../check.ts'
import { judgeRefusal } from '../evidence/refused-plan.ts'

/** Whether the names of our sets are free, or name sets that can be ours. */
export const setName: ProtectionCheck = {
  id: 'set-name',
  judge: (subject) => judgeRefusal(subject, 'set'),
}
