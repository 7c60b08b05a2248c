import { expect, it } from 'vitest'
import { shortKey } from '../../src/text/short-key.ts'

const members = (count: number) => Array.from({ length: count }, (_, i) => `10.0.0.${i}`)

it('is equal for equal values, also where a long list is not one and the same', () => {
  expect(shortKey({ set: 's', members: members(200) })).toBe(
    shortKey({ set: 's', members: members(200) }),
  )
})

it.each([
  ['in a long list', { members: members(200) }, { members: members(201) }],
  ['in its order', { members: members(200) }, { members: members(200).toReversed() }],
  ['beside a long list', { set: 's', members: members(200) }, { set: 't', members: members(200) }],
  ['in a short list', [1, 2], [2, 1]],
])('differs for values that differ %s', (_, one, other) => {
  expect(shortKey(one)).not.toBe(shortKey(other))
})

it('is short, however long the lists are', () => {
  expect(shortKey({ before: members(250), after: members(250) }).length).toBeLessThan(200)
})

it('does not count one field, wherever it is', () => {
  const rule = (position: number, raw: string) => ({ after: [{ position, raw }] })
  expect(shortKey(rule(1, 'a'), 'position')).toBe(shortKey(rule(2, 'a'), 'position'))
  expect(shortKey(rule(1, 'a'), 'position')).not.toBe(shortKey(rule(1, 'b'), 'position'))
})
