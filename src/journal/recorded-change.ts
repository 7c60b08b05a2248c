import * as z from 'zod'
import type { PlacedRule } from '../guard/guard.ts'
import { parseRule } from '../iptables/rule.ts'
import type { Change } from '../plan/change.ts'

const placedRule = z
  .object({ position: z.number().int(), rule: z.string() })
  .transform(({ position, rule: raw }, context): PlacedRule => {
    const rule = parseRule(raw)
    if (rule) return { position, rule }
    context.addIssue({ code: 'custom', message: 'not a rule' })
    return z.NEVER
  })

const setState = z
  .object({ type: z.string(), members: z.array(z.string()).readonly() })
  .nullable()
  .transform((state) => state ?? undefined)

/** Reads a recorded change back. A rule is recorded as its line, an absent set as null. */
export const recordedChange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('set'), name: z.string(), before: setState, after: setState }),
  z.object({
    kind: z.literal('rules'),
    before: z.array(placedRule).readonly(),
    after: z.array(placedRule).readonly(),
  }),
])

/** A change as plain JSON, in the form that `recordedChange` reads. */
export function plainChange(change: Change): z.input<typeof recordedChange> {
  if (change.kind === 'rules') {
    return { kind: 'rules', before: change.before.map(plain), after: change.after.map(plain) }
  }
  const copy = (state: typeof change.before) =>
    state ? { type: state.type, members: state.members } : null
  return { ...change, before: copy(change.before), after: copy(change.after) }
}

function plain({ position, rule }: PlacedRule): z.input<typeof placedRule> {
  return { position, rule: rule.raw }
}
