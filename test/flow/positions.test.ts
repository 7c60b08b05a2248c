import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { knownBits } from '../../src/flow/bits.ts'
import { matches } from '../../src/flow/matching.ts'
import type { Packet } from '../../src/flow/packet.ts'
import { type PositionRange, positionRanges, rangeAt } from '../../src/flow/positions.ts'
import { parseSets } from '../../src/ipset/sets.ts'
import { parseRuleset } from '../../src/iptables/ruleset.ts'
import { outsider, ruleOf, worldOf } from './asked.ts'

const rulesets = new URL('../lab/rulesets/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, rulesets), 'utf8')
const article = parseRuleset(read('article.rules'))
const world = worldOf('', {
  sets: parseSets(
    `${read('calico.sets')}create cluster_nodes hash:ip family inet\nadd cluster_nodes 192.168.1.11\n`,
  ),
})
const ours = ruleOf('-i ens18 -m set ! --match-set cluster_nodes src -j REJECT')

/** What a rule would see at one position. */
interface Position extends Omit<PositionRange, 'first' | 'last'> {
  readonly number: number
}

function each(ranges: readonly PositionRange[]): readonly Position[] {
  return ranges.flatMap(({ first, last, ...seen }) =>
    Array.from({ length: last - first + 1 }, (_, i) => ({ number: first + i, ...seen })),
  )
}

function seenBy(about: Partial<Packet>): readonly Position[] {
  return each(positionRanges(article, 'filter', 'FORWARD', outsider(about), world))
}

/** The numbers at which our rule would surely stop the packet. */
function stopping(found: readonly Position[]): readonly number[] {
  return found
    .filter(
      ({ reached, letThrough, packet, world: here }) =>
        !letThrough && (reached === 'no' || matches(ours, packet, here) === 'yes'),
    )
    .map(({ number }) => number)
}

describe("positionRanges of the article's chain", () => {
  it('stop an outsider up to 12, before the pod network is accepted', () => {
    expect(stopping(seenBy({}))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    for (const protocol of ['udp', 'icmp']) expect(stopping(seenBy({ protocol })).at(-1)).toBe(12)
  })

  it('never see a reply to a pod of this node after the first rule', () => {
    const found = seenBy({ state: 'ESTABLISHED', direction: 'REPLY' })
    expect(found.map(({ reached }) => reached)).toEqual(['yes', ...Array(13).fill('no')])
    expect(found[1]?.before()[0]?.path.map(({ chain }) => chain)).toEqual([
      'FORWARD',
      'cali-FORWARD',
      'cali-to-wl-dispatch',
      'cali-tw-cali0123456789a',
    ])
  })

  it('let a node through, whose address is in the set', () => {
    expect(stopping(seenBy({ source: '192.168.1.11' }))).toEqual([])
  })

  it('see what is masqueraded only up to KUBE-FORWARD', () => {
    const found = seenBy({ out: 'flannel.1', mark: knownBits(0x4000) })
    expect(found.filter(({ reached }) => reached !== 'no').map(({ number }) => number)).toEqual([
      1, 2,
    ])
  })

  it('carry the mark that Calico sets for its own pods', () => {
    expect(
      seenBy({})
        .map(({ packet }) => packet.mark.value)
        .slice(0, 3),
    ).toEqual([0, 0x10000, 0x10000])
  })
})

function rangesOf(rules: string): readonly PositionRange[] {
  const text = `*filter\n:FORWARD ACCEPT [0:0]\n:A - [0:0]\n${rules}\nCOMMIT\n`
  return positionRanges(parseRuleset(text), 'filter', 'FORWARD', outsider(), worldOf())
}

describe('positionRanges', () => {
  const of = (rules: string): readonly Position[] => each(rangesOf(rules))

  it('has one position more than there are rules, and one where there is no chain', () => {
    expect(of('-A FORWARD -j DROP')).toHaveLength(2)
    const none = positionRanges(parseRuleset(''), 'filter', 'FORWARD', outsider(), worldOf())
    expect(none).toMatchObject([{ first: 1, last: 1, reached: 'yes' }])
    expect(none[0]?.before()).toEqual([])
  })

  it('counts the policy among the verdicts before, where a packet left for it', () => {
    const [, second, third] = of('-A FORWARD -j RETURN\n-A FORWARD -j DROP')
    expect(second).toMatchObject({ reached: 'no', allLetThrough: true })
    expect(second?.before()).toMatchObject([{ verdict: { kind: 'accept' } }])
    expect(third?.before()).toHaveLength(1)
  })

  it('is reached perhaps behind a rule that matches perhaps and ends', () => {
    const found = of(
      '-A FORWARD -m limit --limit 1/sec -j LOG\n-A FORWARD -j A\n-A FORWARD -m limit --limit 1/sec -j ACCEPT\n-A A -m limit --limit 1/sec -j RETURN',
    )
    expect(found.map(({ reached }) => reached)).toEqual(['yes', 'yes', 'yes', 'maybe'])
  })

  it('keeps the first verdict that lets a packet through, and whether all do', () => {
    const maybe = '-m limit --limit 1/sec'
    const found = of(
      `-A FORWARD ${maybe} -j ACCEPT\n-A FORWARD ${maybe} -j NFQUEUE\n-A FORWARD ${maybe} -j DROP`,
    )
    expect(found.map(({ letThrough }) => letThrough?.path[0]?.number)).toEqual([undefined, 1, 1, 1])
    expect(found.map(({ allLetThrough }) => allLetThrough)).toEqual([true, true, true, false])
  })
})

describe('rangeAt', () => {
  it('finds the range of each position, and none behind the end', () => {
    const ranges = rangesOf(
      '-A FORWARD -p udp -j DROP\n-A FORWARD -p udp -j DROP\n-A FORWARD -j DROP\n-A FORWARD -p udp',
    )
    expect(ranges.map(({ first, last }) => [first, last])).toEqual([
      [1, 3],
      [4, 5],
    ])
    expect([1, 3, 4, 5, 6].map((position) => rangeAt(ranges, position)?.first)).toEqual([
      1,
      1,
      4,
      4,
      undefined,
    ])
  })
})
