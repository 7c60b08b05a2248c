import type { ProtectionCheck } from '../check.ts'
import { judgeRefusal } from '../evidence/refused-plan.ts'
import { calicosRules } from './calico.ts'

/** Whether FORWARD has a position at which the rule stops outsiders and nothing else. */
export const goodPosition: ProtectionCheck = {
  id: 'position',
  judge(subject) {
    if (!calicosRules(subject.state.ruleset) && subject.plan.kind === 'refused') {
      return {
        kind: 'unjudged',
        reason: 'the rules of Calico, among which our rule stands, are missing',
      }
    }
    return judgeRefusal(subject, 'position')
  },
}
