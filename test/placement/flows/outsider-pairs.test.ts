import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseRuleset } from '../../../src/iptables/ruleset.ts'
import { planHost } from '../../../src/plan/plan.ts'
import { intent } from '../../plan/host-state.ts'

const article = readFileSync(new URL('../../lab/rulesets/article.rules', import.meta.url), 'utf8')
const route = { kind: 'unicast', via: undefined, source: undefined } as const
const routes = [
  { ...route, cidr: '192.0.2.0/24', device: 'ens18' },
  { ...route, cidr: '10.42.1.10/32', device: 'cali0123456789a' },
  { ...route, cidr: '10.42.2.0/24', via: '10.42.2.0', device: 'flannel.1' },
]

/** The plan for the chain of the article with these rules in DOCKER-USER. */
function planned(rules: readonly string[]) {
  const mine = rules.map((rule) => `-A DOCKER-USER ${rule}`).join('\n')
  const text = article.replace('-A DOCKER-USER -j RETURN', `${mine}\n-A DOCKER-USER -j RETURN`)
  const state = { ruleset: parseRuleset(text), sets: new Map(), fingerprint: '' }
  return planHost(state, { ...intent, network: { ...intent.network, routes } })
}

function numbered(count: number, rule: (address: string, i: number) => string): readonly string[] {
  return Array.from({ length: count }, (_, i) =>
    rule(`45.${i >> 14}.${(i >> 6) & 255}.${i & 63}`, i),
  )
}

describe('planHost', () => {
  it.each([1000, 5000])(
    'finds one outsider that is accepted behind %d that are dropped',
    (count) => {
      const list = numbered(count, (address) => `-s ${address}/32 -j DROP`)
      expect(planned(list)).toMatchObject({
        kind: 'planned',
        placement: { position: 12 },
        notes: [],
      })
      expect(planned([...list, '-s 203.0.113.9/32 -j ACCEPT'])).toMatchObject({
        kind: 'refused',
        reason: expect.stringContaining('-s 203.0.113.9/32 -j ACCEPT'),
      })
    },
  )

  it('finds one outsider that is accepted behind hundreds with a rule of their own each', () => {
    const rules = numbered(
      700,
      (address, i) => `-s ${address} -p tcp -m tcp --dport ${i + 1} -j DROP`,
    )
    expect(planned([...rules, '-s 203.0.113.9/32 -j ACCEPT'])).toMatchObject({ kind: 'refused' })
  })

  it('finds one outsider that is accepted to one pod only, among hundreds of such pairs', () => {
    const rules = numbered(300, (address, i) => `-s ${address} -d 10.42.2.${i % 250}/32 -j DROP`)
    expect(planned([...rules, '-s 45.0.3.19/32 -d 10.42.2.99/32 -j ACCEPT'])).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('-d 10.42.2.99/32 -j ACCEPT'),
    })
  })
})
