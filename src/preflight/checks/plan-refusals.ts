import { asGiven } from '../../inventory/settings.ts'
import { type Check, type CheckResult, fail, type ProtectionCheck, type Subject } from '../check.ts'
import { passUnder } from './judged-by-plan.ts'

/** Whether the name of our set is free, or is that of a set which can be ours. */
export const setFits: ProtectionCheck = {
  title: 'set name is free or ours',
  judge: (subject) => judgeRefusal(subject, 'set'),
}

/** Whether there is a place in FORWARD where the rule helps and harms nobody. */
export const positionExists: ProtectionCheck = {
  title: 'a good position exists',
  judge: (subject) => judgeRefusal(subject, 'position'),
}

/** Whether every rule of ours can be named to the agent, and so deleted. */
export const ourRules: Check = {
  title: 'our rules can be told',
  judge: (subject) => judgeRefusal(subject, 'rules'),
}

function judgeRefusal({ host, plan }: Subject, over: 'set' | 'position' | 'rules'): CheckResult {
  if (plan.kind !== 'refused' || plan.over !== over) return passUnder(plan, over)
  // Whoever gave the setting by a flag has nothing to mend in the inventory.
  const remedy = plan.remedy.replace(/\bfw_(set|position)\b/, (_, name: 'set' | 'position') =>
    asGiven(host.settings, `fw_${name}`),
  )
  return fail(plan.reason, remedy)
}
