import type { Check } from '../check.ts'
import { judgeRefusal } from '../evidence/refused-plan.ts'

/** Whether the agent can name each rule of ours, and so delete it. */
export const ownRules: Check = {
  id: 'own-rules',
  judge: (subject) => judgeRefusal(subject, 'rules'),
}
