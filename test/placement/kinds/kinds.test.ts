import { describe, expect, it } from 'vitest'
import { kindsBy, type MatchedRanges } from '../../../src/placement/kinds/kinds.ts'
import { makeRandom } from '../../random.ts'

describe('kindsBy', () => {
  it('tells numbers apart exactly where a match does', () => {
    const random = makeRandom(7)
    for (let round = 0; round < 200; round++) {
      const matches = Array.from(
        { length: random.below(5) },
        (): MatchedRanges =>
          Array.from({ length: 1 + random.below(3) }, () => {
            const first = random.below(30)
            return { first, last: first + random.below(12) }
          }),
      )
      const kinds = kindsBy(matches)
      const meets = (number: number): string =>
        matches
          .map((ranges) => ranges.some(({ first, last }) => first <= number && number <= last))
          .join()
      const numbers = Array.from({ length: 45 }, (_, number) => number)
      const alike = (kind: (number: number) => string): readonly (readonly number[])[] =>
        numbers.map((a) => numbers.filter((b) => kind(a) === kind(b)))
      expect(alike(kinds.of)).toEqual(alike(meets))
      const [first, last] = [kinds.rows[0], kinds.rows.at(-1)]
      expect([first?.first, last?.last]).toEqual([0, 2 ** 32 - 1])
      expect(kinds.rows.filter((row) => kinds.of(row.first) !== kinds.of(row.last))).toEqual([])
    }
  })

  it('knows the last address of all', () => {
    const { of, rows } = kindsBy([[{ first: 2 ** 32 - 1, last: 2 ** 32 - 1 }]])
    expect([of(2 ** 32 - 2), of(2 ** 32 - 1), rows.length]).toEqual(['', '0', 2])
  })
})
