import { describe, expect, it } from 'vitest'
import { guardedByChain, isOurChain, setOf, wantedChain } from '../../src/guard/mangle-chain.ts'
import { makeRule } from '../../src/iptables/rule.ts'
import { mangleIntent } from './mangle-intent.ts'

const linesOf = (family: 4 | 6, intent = mangleIntent): readonly string[] =>
  wantedChain(intent, family)?.rules.map(({ raw }) => raw) ?? []

describe('wantedChain', () => {
  it('lets answers, ICMP errors and members return, and drops what asks for a closed network', () => {
    expect(linesOf(4)).toEqual([
      '-A FW-RUN -m conntrack --ctdir REPLY -j RETURN',
      '-A FW-RUN -p icmp -m conntrack --ctstate RELATED -j RETURN',
      '-A FW-RUN -m set --match-set cluster_nodes src -j RETURN',
      '-A FW-RUN -d 10.42.0.0/16 -j DROP',
      '-A FW-RUN -d 10.43.0.0/16 -j DROP',
    ])
  })

  it('leaves the neighbours of IPv6 alone', () => {
    expect(linesOf(6).slice(0, 2)).toEqual([
      '-A FW-RUN -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j RETURN',
      '-A FW-RUN -p ipv6-icmp -m icmp6 --icmpv6-type 136 -j RETURN',
    ])
  })

  it('lets bare pods return by a rule, because a set of addresses holds no network', () => {
    const bare = linesOf(4, { ...mangleIntent, barePods: ['10.42.0.0/16'] })
    expect(bare[3]).toBe('-A FW-RUN -s 10.42.0.0/16 -j RETURN')
  })

  it('writes a single address as iptables prints it', () => {
    const one = { ...mangleIntent, podCidrs: ['10.42.0.7'], serviceCidrs: [] }
    expect(linesOf(4, one).at(-1)).toBe('-A FW-RUN -d 10.42.0.7/32 -j DROP')
  })

  it('is led to from each interface, and is not there for a family without closed networks', () => {
    const two = { ...mangleIntent, interfaces: ['ens18', 'ens19'] }
    expect(wantedChain(two, 6)?.jumps.map(({ position, rule }) => [position, rule.raw])).toEqual([
      [1, '-A PREROUTING -i ens18 -j FW-RUN'],
      [2, '-A PREROUTING -i ens19 -j FW-RUN'],
    ])
    expect(wantedChain({ ...mangleIntent, podCidrs: ['10.42.0.0/16'] }, 6)).toBeUndefined()
  })
})

describe('a pattern of interfaces', () => {
  it('ends in + for iptables, and in * for people', () => {
    const chain = wantedChain({ ...mangleIntent, interfaces: ['bond0.*'] }, 4)
    expect(chain?.jumps.map(({ rule }) => rule.raw)).toEqual(['-A PREROUTING -i bond0.+ -j FW-RUN'])
    expect(chain && guardedByChain(chain).interfaces).toEqual(['bond0.*'])
  })
})

describe('setOf', () => {
  it('names the set of IPv6 in 31 characters, never as that of IPv4', () => {
    expect(setOf('cluster_nodes', 4)).toBe('cluster_nodes')
    for (const set of ['cluster_nodes', 'a'.repeat(31), `${'a'.repeat(29)}-6`, 'nodes-6']) {
      const six = setOf(set, 6)
      expect(six.length).toBeLessThanOrEqual(31)
      expect(six).not.toBe(set)
    }
  })
})

describe('isOurChain', () => {
  const chain = (...lines: readonly string[]) => ({
    rules: lines.map((line) => makeRule('FW-RUN', line.split(' '))),
    jumps: [],
  })

  it.each([
    [true, []],
    [true, ['-m conntrack --ctdir REPLY -j RETURN', '-d 10.42.0.0/16 -j DROP']],
    [false, ['-g FW-RUN-aside']],
    [false, ['-j LOG']],
    [false, ['-g OTHER']],
  ])('says %s of a chain with %j', (ours, lines) => {
    expect(isOurChain(chain(...lines))).toBe(ours)
  })
})
