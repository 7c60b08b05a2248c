import type { ForwardCheck } from '../../check.ts'
import { sentences, useInstead } from '../../evidence/other-guard.ts'
import { judgeRefusal } from '../../evidence/refused-plan.ts'
import { calicosRules } from './calico.ts'

/** Whether FORWARD has a position at which the rule stops outsiders and nothing else. */
export const goodPosition: ForwardCheck = {
  id: 'position',
  judge(subject) {
    if (!calicosRules(subject.state.ruleset) && subject.plan.kind === 'refused') {
      return {
        kind: 'unjudged',
        reason: 'the rules of Calico are missing, so fw-run cannot look for a position',
      }
    }
    const result = judgeRefusal(subject, 'position')
    const other = useInstead(subject.instead, 'Or ')
    return result.kind === 'fail' ? { ...result, remedy: sentences(result.remedy, other) } : result
  },
}
