import type { Check } from '../check.ts'
import { judgeRefusal } from '../evidence/refused-plan.ts'

/** Whether a chain with our name is ours, and fw-run can change or delete it, and bring it back. */
export const ownChain: Check = {
  id: 'own-chain',
  judge: (subject) => judgeRefusal(subject, 'chain'),
}
