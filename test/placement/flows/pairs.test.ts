import { describe, expect, it } from 'vitest'
import { pairs } from '../../../src/placement/flows/pairs.ts'

describe('pairs', () => {
  it('pairs each with each, up to a bound', () => {
    expect(pairs([1, 2], ['a', 'b'], 4).map((pair) => pair.join(''))).toEqual([
      '1a',
      '1b',
      '2a',
      '2b',
    ])
  })

  it('pairs each with the first of the other list where each with each would be more', () => {
    const found = pairs([1, 2, 3], ['a', 'b'], 5).map((pair) => pair.join(''))
    expect(found).toEqual(['1a', '1b', '2a', '3a'])
  })

  it('has no pair if one list is empty', () => {
    expect(pairs([1, 2], [], 5)).toEqual([])
  })
})
