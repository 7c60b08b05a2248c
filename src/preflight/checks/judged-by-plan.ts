import type { Plan } from '../../plan/plan.ts'
import { type CheckResult, pass } from '../check.ts'

type Refusal = Extract<Plan, { kind: 'refused' }>

/** What a plan looks at, in this order; the last is where the rule goes. */
const order = ['set', 'rules', 'position', 'placement'] as const

/** Passes, but where the plan was refused before it came to what the question is about: then nothing can be said. */
export function passUnder(plan: Plan, about: (typeof order)[number]): CheckResult {
  if (plan.kind === 'planned' || order.indexOf(plan.over) >= order.indexOf(about)) return pass
  return { kind: 'unjudged', reason: reasons[plan.over] }
}

const reasons: Readonly<Record<Refusal['over'], string>> = {
  set: 'nothing is planned while the name of the set is not free',
  rules: 'nothing is planned while our rules cannot be told',
  position: 'there is no place for our rule',
}
