import { describe, expect, it } from 'vitest'
import { numberRanges } from '../../src/text/number-ranges.ts'

describe('numberRanges', () => {
  it.each([
    [[], ''],
    [[3], '3'],
    [[1, 2], '1-2'],
    [[2, 3, 4, 6, 8, 9], '2-4, 6, 8-9'],
  ])('writes %j as %s', (numbers, text) => {
    expect(numberRanges(numbers)).toBe(text)
  })
})
