import { describe, expect, it } from 'vitest'
import { parseShare, shareOf } from '../../src/text/share.ts'

describe('parseShare', () => {
  it.each(['', '-1', '+1', '1.5', '1e3', '0x2', 'all', '%', '101%', '1 0', '1%%', '12345678'])(
    'takes %j for no number of hosts',
    (word) => {
      expect(parseShare(word)).toBeUndefined()
    },
  )
})

describe('shareOf', () => {
  it.each([
    ['3', 3],
    [' 3 ', 3],
    ['0', 0],
    ['10%', 4],
    ['12%', 4],
    ['1%', 0],
    ['100%', 40],
  ])('takes %j for so many of 40 hosts: %i', (word, count) => {
    const share = parseShare(word)
    expect(share && shareOf(share, 40)).toBe(count)
  })
})
