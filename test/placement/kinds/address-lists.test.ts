import { describe, expect, it } from 'vitest'
import { makeRule } from '../../../src/iptables/rule.ts'
import { splitWords } from '../../../src/iptables/words.ts'
import { mergeAddressLists } from '../../../src/placement/kinds/address-lists.ts'
import { atOnce } from '../../../src/waiting/pieces.ts'

/** The source addresses that are left in each rule of a chain of filter after merging. */
function sources(chain: string, ...rules: readonly string[]): readonly string[] {
  const parsed = rules.map((rule) => makeRule(chain, splitWords(rule)))
  return atOnce(mergeAddressLists('filter', parsed, 'source')).map(({ matches }) =>
    matches.flatMap((match) => (match.kind === 'source' ? [match.cidr] : [])).join(),
  )
}

describe('mergeAddressLists', () => {
  it('merges rules in a row that differ in the address and the comment only', () => {
    expect(
      sources(
        'BLOCKED',
        '-s 198.51.100.1/32 -m comment --comment "ann" -j DROP',
        '-s 198.51.100.1/32 -m comment --comment "bob" -j DROP',
        '-s 203.0.113.0/24 -m comment --comment "-j" -j DROP',
        '-p tcp -j DROP',
        '-s 198.51.100.3/32 -j DROP',
      ),
    ).toEqual(['198.51.100.1,203.0.113.0/24', '', '198.51.100.3/32'])
  })

  it.each([
    ['in another match', '-s 198.51.100.2/32 -p tcp -j DROP'],
    ['in the target', '-s 198.51.100.2/32 -j ACCEPT'],
    ['in negation', '! -s 198.51.100.2/32 -j DROP'],
  ])('keeps rules apart that differ %s', (_, other) => {
    expect(sources('BLOCKED', '-s 198.51.100.1/32 -j DROP', other)).toHaveLength(2)
  })

  it('keeps every rule of FORWARD, because the rule of fw-run may come between any two', () => {
    const rules = ['-s 198.51.100.1/32 -j DROP', '-s 198.51.100.2/32 -j DROP']
    expect(sources('FORWARD', ...rules)).toHaveLength(2)
  })

  it('merges FORWARD of another table, where the rule of fw-run never stands', () => {
    const rules = ['-s 198.51.100.1/32 -j DROP', '-s 198.51.100.2/32 -j DROP']
    const parsed = rules.map((rule) => makeRule('FORWARD', splitWords(rule)))
    expect(atOnce(mergeAddressLists('mangle', parsed, 'source'))).toHaveLength(1)
    expect(atOnce(mergeAddressLists('mangle', parsed, 'destination'))).toHaveLength(2)
  })

  it('merges single addresses under a target that lets packets go on, but no networks and no address twice', () => {
    const mark = '-j MARK --set-xmark 0x1/0x1'
    expect(
      sources(
        'MARKED',
        `-s 198.51.100.1/32 ${mark}`,
        `-s 198.51.100.2/32 ${mark}`,
        `-s 198.51.100.1/32 ${mark}`,
        `-s 198.51.100.0/24 ${mark}`,
        `-s 198.51.100.4/32 ${mark}`,
      ),
    ).toEqual([
      '198.51.100.1,198.51.100.2',
      '198.51.100.1/32',
      '198.51.100.0/24',
      '198.51.100.4/32',
    ])
  })
})
