import * as z from 'zod'
import type { ChainState } from '../guard/mangle-chain.ts'
import type { PlacedRule } from '../guard/placed-rule.ts'
import { parseRule, type Rule } from '../iptables/rule.ts'
import type { BootState, Change, SetState } from '../plan/change.ts'

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

const textState = z
  .string()
  .nullable()
  .transform((text) => text ?? undefined)

const ruleLine = z.string().transform((raw, context): Rule => {
  const rule = parseRule(raw)
  if (rule) return rule
  context.addIssue({ code: 'custom', message: 'not a rule' })
  return z.NEVER
})

const chainState = z
  .object({ rules: z.array(ruleLine).readonly(), jumps: z.array(placedRule).readonly() })
  .nullable()
  .transform((state) => state ?? undefined)

const bootState = z
  .object({
    manager: z.enum(['systemd', 'openrc', 'sysv']),
    program: textState,
    service: textState,
    enabled: z.boolean(),
  })
  .nullable()
  .transform((state) => state ?? undefined)

/** Reads a recorded change back. A rule is recorded as its line; what is absent as null. */
export const recordedChange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('set'), name: z.string(), before: setState, after: setState }),
  z.object({
    kind: z.literal('rules'),
    before: z.array(placedRule).readonly(),
    after: z.array(placedRule).readonly(),
  }),
  z.object({ kind: z.literal('table'), before: textState, after: textState }),
  z.object({
    kind: z.literal('chain'),
    family: z.union([z.literal(4), z.literal(6)]),
    before: chainState,
    after: chainState,
  }),
  z.object({ kind: z.literal('boot'), before: bootState, after: bootState }),
])

/** A change as plain JSON, in the form that `recordedChange` reads. */
export function plainChange(change: Change): z.input<typeof recordedChange> {
  switch (change.kind) {
    case 'rules':
      return { kind: 'rules', before: change.before.map(plain), after: change.after.map(plain) }
    case 'table':
      return { kind: 'table', before: change.before ?? null, after: change.after ?? null }
    case 'chain':
      return { ...change, before: plainChain(change.before), after: plainChain(change.after) }
    case 'boot':
      return { ...change, before: plainBoot(change.before), after: plainBoot(change.after) }
    case 'set':
      return { ...change, before: plainSet(change.before), after: plainSet(change.after) }
  }
}

function plainSet(state: SetState | undefined): z.input<typeof setState> {
  return state ? { type: state.type, members: state.members } : null
}

function plainBoot(state: BootState | undefined): z.input<typeof bootState> {
  return state ? { ...state, program: state.program ?? null, service: state.service ?? null } : null
}

function plainChain(state: ChainState | undefined): z.input<typeof chainState> {
  return state ? { rules: state.rules.map(({ raw }) => raw), jumps: state.jumps.map(plain) } : null
}

function plain({ position, rule }: PlacedRule): z.input<typeof placedRule> {
  return { position, rule: rule.raw }
}
