import type { ProtectionCheck } from '../check.ts'
import { judgeRefusal } from '../evidence/refused-plan.ts'

/** Whether FORWARD has a position at which the rule stops outsiders and nothing else. */
export const goodPosition: ProtectionCheck = {
  id: 'position',
  judge: (subject) => judgeRefusal(subject, 'position'),
}
