import { describe, expect, it } from 'vitest'
import type { HostState } from '../../src/facts/state.ts'
import type { ForwardIntent } from '../../src/guard/intent.ts'
import { lostOutboundAccess } from '../../src/placement/lost-outbound-access.ts'
import { planHost } from '../../src/plan/plan.ts'
import { cases } from './cases.ts'

describe('planHost places the rule', () => {
  it.each(cases)('%s', (_, { state, wanted, expected, notes, silent, lost }) => {
    const plan = planHost(state, wanted)
    const rules =
      plan.kind === 'planned' ? plan.changes.find(({ kind }) => kind === 'rules') : undefined
    const found =
      plan.kind === 'refused'
        ? `refused: ${plan.reason}. ${plan.remedy}`
        : `${rules?.kind === 'rules' ? rules.after[0]?.position : 'nothing to do'}`
    expect(expected.length).toBeGreaterThan(0)
    for (const words of expected) expect(found).toContain(words)
    const noted = plan.kind === 'planned' ? plan.notes.join('; ') : ''
    for (const words of notes) expect(noted).toContain(words)
    for (const words of silent) expect(noted).not.toContain(words)
    const position = plan.kind === 'planned' ? plan.placement?.position : undefined
    for (const words of lost) expect(lostWords(state, wanted, position)).toBe(words)
    if (/^\d/.test(expected[0] ?? '')) expect(found).toBe(expected[0])
  })
})

function lostWords(state: HostState, wanted: ForwardIntent, position = 1): string {
  const lost = lostOutboundAccess(state, wanted, position)
  return lost.map((one) => `${one.out.join(', ')} (${one.lost})`).join('; ') || 'nothing'
}
