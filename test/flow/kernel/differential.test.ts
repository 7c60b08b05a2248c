import { describe, expect, it } from 'vitest'
import { rounds } from '../../rounds.ts'
import { arrivals, compareWithKernel, walks } from './fuzzing.ts'

describe('flow, held against the kernel', () => {
  it('walks as the kernel does, rule by rule, in random rulesets', async () => {
    const { rulesets, packets, disagreement } = await compareWithKernel(
      walks,
      2026,
      rounds(2400, 18_000),
    )
    expect(disagreement).toBeUndefined()
    expect(rulesets).toBeGreaterThanOrEqual(50)
    expect(packets).toBeGreaterThanOrEqual(2400)
  })

  it('forwards as the kernel does, through raw, mangle, nat and filter', async () => {
    const { rulesets, packets, disagreement } = await compareWithKernel(
      arrivals,
      2026,
      rounds(900, 9000),
    )
    expect(disagreement).toBeUndefined()
    expect(rulesets).toBeGreaterThanOrEqual(18)
    expect(packets).toBeGreaterThanOrEqual(900)
  })
})
