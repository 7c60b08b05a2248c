import type { Check } from '../check.ts'
import { judgeRefusal } from '../evidence/refused-plan.ts'

/** Whether a table with our name is ours, and fw-run can replace or delete it, and bring it back. */
export const ownTable: Check = {
  id: 'own-table',
  judge: (subject) => judgeRefusal(subject, 'table'),
}
