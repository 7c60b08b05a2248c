import { describe, expect, it } from 'vitest'
import { torture } from '../lab/torture/torture.ts'

/**
 * Runners killed and stopped, Ctrl-C, resets, cuts, sessions and tools that break, a second runner: before, during and
 * after the decision. `npm run torture` draws as many more as one likes.
 */
const seed = 1
const numbers = [3, 4, 12, 14, 16, 17, 62, 66, 69, 71, 76, 78]

describe('all hosts or none, and each whole', () => {
  it('in a dozen runs that are broken on purpose', async () => {
    const results = await torture({ seed, numbers, labs: 2, tell: () => {} })
    const violations = results.flatMap(({ trial, violations, evidence }) =>
      violations.length > 0 ? [`run ${trial.number}: ${violations.join('; ')}\n${evidence}`] : [],
    )
    expect(violations).toEqual([])
    expect(results.map(({ trial }) => trial.number).sort((a, b) => a - b)).toEqual(numbers)
  }, 300_000)
})
