import { describe, expect, it } from 'vitest'
import { compareWithKernel } from './fuzzing.ts'

describe('walk', () => {
  it('says what the kernel does, rule by rule, in hundreds of random rulesets', async () => {
    const { rulesets, packets, disagreement } = await compareWithKernel(2026, 9000)
    expect(disagreement).toBeUndefined()
    expect(rulesets).toBeGreaterThanOrEqual(200)
    expect(packets).toBeGreaterThanOrEqual(9000)
  }, 120_000)
})
