import { describe, expect, it } from 'vitest'
import { matches } from '../../../src/flow/matching.ts'
import { candidateRules } from '../../../src/flow/walking/rule-index.ts'
import { makeRandom } from '../../random.ts'
import { outsider, ruleOf, worldOf } from '../asked.ts'

const conditions = [
  '-d 10.42.1.1/32',
  '! -d 10.42.1.1/32',
  '-d 10.42.1.0/24',
  '-d 10.42.1.0/31',
  '-d 0.0.0.0/0',
  '-d 10.42.0.1/255.255.0.255',
  '-s 192.168.0.0/16',
  '-d 10.42.1.1,10.42.1.2',
  '-s 192.168.1.66/32 -d 10.42.1.2/32',
  '-s 192.168.1.66',
  '-i ens18',
  '! -o cali1',
  '-o cali1',
  '-o cali+',
  '-p tcp -m tcp --dport 80',
  '-p tcp -m tcp ! --dport 80',
  '-p tcp -m tcp --dport 80:90',
  '-p tcp -m multiport --dports 443',
  '-p tcp -m multiport --ports 80',
  '-m mark --mark 0x1/0x1',
] as const

const packets = {
  in: ['ens18', 'ens19', 'ens+', undefined],
  out: ['cali1', 'cali2', 'cali+', '', undefined],
  source: ['192.168.1.66', '192.168.1.67', '192.168.1.0/24', undefined],
  destination: ['10.42.1.1', '10.42.1.2', '10.42.0.0/16', undefined],
  destinationPort: [80, 443, undefined],
} as const

describe('candidateRules', () => {
  it('leaves out no rule that may match, and keeps the order', () => {
    const random = makeRandom(11)
    for (let round = 0; round < 300; round++) {
      const rules = Array.from({ length: 15 + random.below(15) }, () =>
        ruleOf(random.pick(conditions)),
      )
      const packet = outsider({
        in: random.pick(packets.in),
        out: random.pick(packets.out),
        source: random.pick(packets.source),
        destination: random.pick(packets.destination),
        destinationPort: random.pick(packets.destinationPort),
      })
      const listed = candidateRules(rules, packet)
      expect(listed).toEqual([...new Set(listed)].toSorted((a, b) => a - b))
      const left = rules.filter((_, index) => !listed.includes(index))
      expect(left.filter((rule) => matches(rule, packet, worldOf()) !== 'no')).toEqual([])
    }
  })

  it('asks one of a thousand networks only', () => {
    const rules = Array.from({ length: 1000 }, (_, i) =>
      ruleOf(`-s 10.43.${(i * 2) >> 8}.${(i * 2) & 255}/31`),
    )
    expect(candidateRules(rules, outsider({ source: '10.43.0.7' }))).toEqual([3])
  })

  it.each(['tcp -m tcp --dport', 'udp -m udp --dport', 'tcp -m multiport --dports'])(
    'asks one of a thousand ports only, with -p %s',
    (words) => {
      const rules = Array.from({ length: 1000 }, (_, i) => ruleOf(`-p ${words} ${30_000 + i}`))
      expect(candidateRules(rules, outsider({ destinationPort: 30_007 }))).toEqual([7])
    },
  )

  it('asks one of a thousand services only', () => {
    const rules = Array.from({ length: 1000 }, (_, i) =>
      ruleOf(`-d 10.43.${i >> 8}.${i & 255}/32 -p tcp -m tcp --dport 80`),
    )
    expect(candidateRules(rules, outsider({ destination: '10.43.0.7' }))).toEqual([7])
  })
})
