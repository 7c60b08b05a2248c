import { describe, expect, it } from 'vitest'
import { arrivals, compareWithKernel, walks } from './fuzzing.ts'

describe('flow, held against the kernel', () => {
  it('walks as the kernel does, rule by rule, in hundreds of random rulesets', async () => {
    const { rulesets, packets, disagreement } = await compareWithKernel(walks, 2026, 9000)
    expect(disagreement).toBeUndefined()
    expect(rulesets).toBeGreaterThanOrEqual(200)
    expect(packets).toBeGreaterThanOrEqual(9000)
  }, 240_000)

  it('forwards as the kernel does, through raw, mangle, nat and filter', async () => {
    const { rulesets, packets, disagreement } = await compareWithKernel(arrivals, 2026, 2700)
    expect(disagreement).toBeUndefined()
    expect(rulesets).toBeGreaterThanOrEqual(60)
    expect(packets).toBeGreaterThanOrEqual(2700)
  }, 240_000)
})
