import { describe, expect, it } from 'vitest'
import { compactNames, hostList } from '../../src/text/host-list.ts'

describe('hostList', () => {
  it('names a few, and never counts a single one', () => {
    expect(hostList(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c, d, e')
    expect(hostList(['a', 'b', 'c', 'd', 'e', 'f'])).toBe('a, b, c, d and 2 more')
  })
})

describe('compactNames', () => {
  it.each([
    [['node01', 'node02', 'node03'], ['node[01:03]']],
    [
      ['node8', 'node9', 'node10', 'node11'],
      ['node[8:9]', 'node[10:11]'],
    ],
    [
      ['w1.example.org', 'w2.example.org', 'db'],
      ['w[1:2].example.org', 'db'],
    ],
    [
      ['n1', 'n3', 'n2'],
      ['n1', 'n3', 'n2'],
    ],
    [
      ['rack1-n1', 'rack1-n2', 'rack2-n1'],
      ['rack1-n[1:2]', 'rack2-n1'],
    ],
    [
      ['a', 'b', 'a1'],
      ['a', 'b', 'a1'],
    ],
  ])('writes %j as %j', (names, said) => {
    expect(compactNames(names)).toEqual(said)
  })
})
