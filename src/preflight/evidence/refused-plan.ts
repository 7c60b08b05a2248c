import { asGiven } from '../../inventory/settings.ts'
import type { Plan } from '../../plan/plan.ts'
import type { Refusal } from '../../plan/refusals.ts'
import { type CheckResult, fail, pass, type Subject } from '../check.ts'

/** Fails if the plan was refused for this reason, with the plan's own words; else as `passUnder` says. */
export function judgeRefusal({ host, plan }: Subject, over: Refusal['over']): CheckResult {
  if (plan.kind !== 'refused' || plan.over !== over) return passUnder(plan, over)
  // A setting that a flag gave is not to be corrected in the inventory.
  const remedy = plan.remedy.replace(/\bfw_(set|position)\b/, (_, name: 'set' | 'position') =>
    asGiven(host.settings, `fw_${name}`),
  )
  return fail(plan.reason, remedy)
}

/** What a plan looks at, in this order; `placement` is the position that it found. */
const order = ['table', 'chain', 'set', 'rules', 'position', 'placement', 'boot'] as const

/** Passes, unless the plan was refused before it came to what the check asks about: then the check is unjudged. */
export function passUnder(plan: Plan, about: (typeof order)[number]): CheckResult {
  if (plan.kind === 'planned' || order.indexOf(plan.over) >= order.indexOf(about)) return pass
  return { kind: 'unjudged', reason: reasons[plan.over] }
}

const reasons: Readonly<Record<Refusal['over'], string>> = {
  table: 'fw-run cannot change the table inet fw_run',
  chain: 'fw-run cannot change the chain FW-RUN',
  set: 'the name of the set is taken',
  rules: 'fw-run cannot delete one of its rules',
  position: 'the rule of fw-run has no good position',
  boot: 'fw-run cannot write its boot files',
}
