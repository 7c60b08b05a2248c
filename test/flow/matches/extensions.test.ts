import { describe, expect, it } from 'vitest'
import { matchExtensions } from '../../../src/flow/matches/extensions.ts'
import { matches } from '../../../src/flow/matching.ts'
import { makePacket } from '../../../src/flow/packet.ts'
import { outsider, ruleOf, worldOf } from '../asked.ts'

/** The match extensions of iptables-extensions(8) of iptables 1.8.9, without those for IPv6 only. */
const manual =
  'addrtype ah bpf cgroup cluster comment connbytes connlabel connlimit connmark conntrack cpu dccp devgroup dscp ecn esp hashlimit helper icmp iprange ipvs length limit mac mark multiport nfacct osf owner physdev pkttype policy quota rateest realm recent rpfilter sctp set socket state statistic string tcp tcpmss time tos ttl u32 udp'

describe('matchExtensions', () => {
  it('has every match of the manual', () => {
    expect(manual.split(' ').filter((name) => !matchExtensions.has(name))).toEqual([])
  })

  it('has a reason for each match that it does not read', () => {
    const reasons = [...matchExtensions.values()].flatMap((one) =>
      one.kind === 'doubt' ? [one.reason] : [],
    )
    expect(reasons.length).toBeGreaterThan(20)
    expect(reasons.filter((reason) => !/^(it|a flow|the) .+/.test(reason))).toEqual([])
  })

  it.each([...matchExtensions].filter(([, { kind }]) => kind === 'doubt').map(([name]) => name))(
    'doubts -m %s of every packet, negated or not',
    (name) => {
      for (const options of ['--option 1', '! --option 1', '']) {
        const rule = ruleOf(`-m ${name} ${options}`)
        expect(matches(rule, outsider(), worldOf())).toBe('maybe')
        expect(matches(rule, makePacket({}), worldOf())).toBe('maybe')
      }
    },
  )
})
