import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseRuleset, type Ruleset, rulesOf } from '../../src/iptables/ruleset.ts'
import { publishedPorts } from '../../src/placement/host/published-ports.ts'
import { findPosition } from '../../src/placement/placement.ts'
import { clusterIpsOf } from '../../src/placement/service-addresses.ts'
import { intent } from '../plan/host-state.ts'
import { makeRandom, type Random } from '../random.ts'
import { rounds } from '../rounds.ts'

const article = readFileSync(new URL('../lab/rulesets/article.rules', import.meta.url), 'utf8')
const network = {
  interfaces: intent.network.interfaces,
  routes: [
    ...intent.network.routes.slice(0, 1),
    {
      ...({ kind: 'unicast', via: undefined, source: undefined } as const),
      ...{ cidr: '10.42.1.10/32', device: 'cali0123456789a' },
    },
  ],
}

/** A node of a cluster: the article's rules with other counters, and now and then a rule less, twice, elsewhere or changed. */
function node(random: Random): string {
  const lines = article.split('\n').flatMap((line): readonly string[] => {
    if (!line.startsWith('-A ')) return [line]
    const counted = `[${random.below(3)}:${random.below(3)}] ${line}`
    if (!random.chance(0.03)) return [counted]
    const changed = line
      .replace(/ -j ACCEPT$/, ' -j DROP')
      .replace('10.42.1.', `10.42.${random.below(4)}.`)
      .replace(/--dport \d+/, `--dport ${random.below(9)}`)
    return random.pick([[], [counted, line], [changed]] as const)
  })
  return lines.join('\n')
}

/** Everything that a walk may see of a ruleset. */
function plain({ tables, fault }: Ruleset): unknown {
  const chains = [...tables].map(([table, all]) => [
    table,
    [...all].map(([name, chain]) => [name, chain.name, chain.policy, chain.rules]),
  ])
  return { chains, fault }
}

/** What is found out about a host. */
function answers(text: string): unknown {
  const ruleset = parseRuleset(text)
  const { traffic, ...placement } = {
    traffic: undefined,
    ...findPosition({ ruleset, sets: new Map(), fingerprint: '' }, { ...intent, network }),
  }
  const others = [publishedPorts(ruleset), clusterIpsOf(ruleset)]
  return { ...{ rules: plain(ruleset), placement, traffic, others } }
}

/** Makes the next host one that has nothing in common with the host before. */
function forget(): void {
  for (const table of ['raw', 'mangle', 'nat', 'filter']) parseRuleset(`*${table}\nCOMMIT\n`)
}

describe('findPosition on hosts that have chains in common', () => {
  it('answers as if it had seen no other host', () => {
    for (let round = 0; round < rounds(15, 1000); round++) {
      const random = makeRandom(round)
      const cluster = Array.from({ length: 4 }, () => node(random))
      forget()
      const together = cluster.map(answers)
      const alone = cluster.map((text) => {
        forget()
        return answers(text)
      })
      expect(together, `seed ${round}`).toEqual(alone)
    }
  })

  it('keeps what they have in common once, whatever its counters', () => {
    const [one, other] = ['[0:0] ', '[7:420] '].map((counters) =>
      parseRuleset(article.replaceAll(/^-A /gm, `${counters}-A `)),
    )
    expect(one?.tables.get('nat')).toBeDefined()
    expect(other?.tables.get('nat')).toBe(one?.tables.get('nat'))
    const counted = [one, other].map(
      (ruleset) => ruleset && rulesOf(ruleset, 'filter', 'FORWARD')[0]?.counters?.packets,
    )
    expect(counted).toEqual([0n, 7n])
  })
})
