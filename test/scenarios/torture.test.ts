import { describe, expect, it } from 'vitest'
import { torture } from '../lab/torture/torture.ts'
import { long } from '../rounds.ts'

/**
 * Each kind of fault once, and each of a host's tools failing and hanging, on two clusters that have every shell, login
 * and kind of host between them; usually eight of them on the second cluster, two of which are runs in waves. `npm run torture` draws as many more as one
 * likes.
 */
const seed = 1620
const few = [22, 24, 25, 26, 27, 30, 32, 34]
const numbers = long
  ? [1, 2, 3, 5, 6, 7, 8, 10, 13, 16, 20, 21, 24, 25, 26, 27, 31, 32, 34, 38]
  : few

describe('all hosts or none, and each whole', { retry: 0 }, () => {
  it.each(['nft', 'mangle'] as const)(
    'in runs with the guard %s, whose guard others flush, too',
    async (guard) => {
      const how = { labs: 1, slack: 20, guard, tell: () => {} } as const
      const results = await torture({ seed, numbers: long ? numbers : [20, 27], ...how })
      const violations = results.flatMap(({ trial, violations, evidence }) =>
        violations.length > 0 ? [`run ${trial.number}: ${violations.join('; ')}\n${evidence}`] : [],
      )
      expect(violations).toEqual([])
    },
  )

  it('in runs that are broken on purpose, each in another way', async () => {
    const how = { labs: 2, slack: 20, guard: 'forward', tell: () => {} } as const
    const results = await torture({ seed, numbers, ...how })
    const violations = results.flatMap(({ trial, violations, evidence }) =>
      violations.length > 0 ? [`run ${trial.number}: ${violations.join('; ')}\n${evidence}`] : [],
    )
    expect(violations).toEqual([])
    expect(results.map(({ trial }) => trial.number).sort((a, b) => a - b)).toEqual(numbers)
  })
})
