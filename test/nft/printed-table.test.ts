import { describe, expect, it } from 'vitest'
import { tableText } from '../../src/guard/nft-table.ts'
import { chainsOf, doesSame, parseTable } from '../../src/nft/printed-table.ts'
import { nftIntent, printed } from '../guard/nft-intent.ts'

const standing = (text: string) => parseTable(text) ?? expect.fail('no table')

describe('parseTable', () => {
  it('reads chains, rules and counters', () => {
    const { chains } = standing(printed)
    expect(chains.map(({ name }) => name)).toEqual(['outsider', 'prerouting'])
    expect(chains[0]?.rules.map(({ counters }) => counters)).toEqual([
      ...[undefined, undefined, undefined, undefined],
      { packets: 5n, bytes: 300n },
      { packets: 7n, bytes: 99n },
    ])
  })

  it.each(['', 'table ip filter {\n}', 'table inet fw_run {', 'Error: nothing'])(
    'takes %j for no table of the family inet',
    (text) => expect(parseTable(text)).toBeUndefined(),
  )

  it('never takes a table that was cut for a whole one: its undo would be no table', () => {
    for (let end = 0; end < printed.length; end++)
      expect([end, parseTable(printed.slice(0, end))]).toEqual([end, undefined])
  })
})

describe('doesSame', () => {
  it('is true of what nft makes of our text: networks joined, braces left out, names for numbers', () => {
    expect(doesSame(standing(printed), tableText(nftIntent))).toBe(true)
  })

  it('is true of sets that go on over several lines, and of other counters', () => {
    const text = printed
      .replace('192.0.2.11, 192.0.2.12', '192.0.2.12,\n\t\t\t     192.0.2.11')
      .replace('packets 7', 'packets 8')
    expect(doesSame(standing(text), tableText(nftIntent))).toBe(true)
  })

  it.each([
    ['a member less', '192.0.2.11, 192.0.2.12', '192.0.2.11'],
    ['a member more', '192.0.2.12', '192.0.2.12, 192.0.2.13'],
    ['another interface', '"ens18" ip ', '"ens19" ip '],
    ['a network less', '10.42.0.0/15', '10.42.0.0/16'],
    ['another verdict', '99 reject', '99 drop'],
    ['another hook', 'hook prerouting', 'hook input'],
    ['another priority', 'mangle - 5', 'mangle + 5'],
    ['an accept on top', 'ct direction reply accept', 'accept\nct direction reply accept'],
    ['a condition more', 'ip saddr !=', 'tcp dport 22 ip saddr !='],
    ['a negation less', 'ip6 saddr != ', 'ip6 saddr '],
    ['a chain more', '\tchain prerouting', '\tchain x {\n\t}\n\tchain prerouting'],
    [
      'a set outside of chains',
      '\tchain prerouting',
      '\tset x {\ntype ipv4_addr\n\t}\n\tchain prerouting',
    ],
    ['a rule less', /\n.*ip6 daddr.*/, ''],
  ])('is false of a table with %s', (_, from, to) => {
    const text = printed.replace(from, to)
    expect(text).not.toBe(printed)
    expect(doesSame(standing(text), tableText(nftIntent))).toBe(false)
  })
})

describe('chainsOf', () => {
  it('ends on a text whose braces never close', () => {
    expect(chainsOf('chain a {\nip saddr { 1.1.1.1,').map(({ name }) => name)).toEqual(['a'])
  })

  it('is linear: a megabyte of braces takes no minute', () => {
    const odd = ['{'.repeat(500_000), '{ }\n'.repeat(200_000), 'daddr {'.repeat(150_000)]
    expect(odd.flatMap(chainsOf)).toHaveLength(3)
  })
})
