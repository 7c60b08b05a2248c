import { describe, expect, it } from 'vitest'
import { parseShare } from '../../src/text/share.ts'
import { inWaves } from '../../src/transaction/waves.ts'
import { makeRandom } from '../random.ts'

const hosts = (count: number) => Array.from({ length: count }, (_, at) => `node${at + 1}`)
const sizesOf = (list: string) => list.split(',').flatMap((word) => parseShare(word) ?? [])
const divided = (count: number, list: string, ...first: string[]) =>
  inWaves(hosts(count), { sizes: sizesOf(list), first: new Set(first) })

describe('inWaves', () => {
  it.each([
    [40, '1,25%,100%', [1, 10, 29]],
    [40, '1,10%', [1, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3]],
    [10, '3', [3, 3, 3, 1]],
    [3, '10%', [1, 1, 1]],
    [3, '7', [3]],
    [3, '1,50', [1, 2]],
    [7, '50%', [3, 3, 1]],
    [0, '1', []],
  ])('divides %i hosts by %s as Ansible does', (count, list, sizes) => {
    expect(divided(count, list).map(({ length }) => length)).toEqual(sizes)
  })

  it('has the hosts that go first in a wave of their own, whatever its size, and divides the others', () => {
    expect(divided(6, '2', 'node6', 'node3', 'node4')).toEqual([
      ['node3', 'node4', 'node6'],
      ['node1', 'node2'],
      ['node5'],
    ])
    expect(divided(3, '', 'node2')).toEqual([['node2'], ['node1', 'node3']])
  })

  it('puts each host in one wave, and leaves no wave empty', () => {
    const random = makeRandom(7)
    for (let round = 0; round < 300; round++) {
      const count = random.below(50)
      const list = Array.from(
        { length: 1 + random.below(4) },
        () => `${1 + random.below(100)}${random.pick(['', '%'])}`,
      ).join()
      const first = hosts(count).filter(() => random.chance(0.1))
      const waves = divided(count, list, ...first)
      expect([list, waves.flat().sort()]).toEqual([list, hosts(count).sort()])
      expect(waves.every(({ length }) => length > 0)).toBe(true)
    }
  })
})
