import { type Check, fail, pass, type Subject, type Verdict } from './check.ts'

/** Whether the name of our set is free, or is that of a set which can be ours. */
export const setFits: Check = {
  title: 'set name is free or ours',
  judge: (subject) => judgeRefusal(subject, 'set'),
}

/** Whether there is a place in FORWARD where the rule helps and harms nobody. */
export const positionExists: Check = {
  title: 'a good position exists',
  judge: (subject) => judgeRefusal(subject, 'position'),
}

function judgeRefusal({ plan }: Subject, over: 'set' | 'position'): Verdict {
  return plan.kind === 'refused' && plan.over === over ? fail(plan.reason, plan.remedy) : pass
}
