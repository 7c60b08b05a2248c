import { describe, expect, it } from 'vitest'
import type { HostState } from '../../src/facts/state.ts'
import type { Arrival } from '../../src/flow/arrival.ts'
import { chainVerdict } from '../../src/guard/chain-verdict.ts'
import { bypass, chainOf } from '../../src/guard/standing-chain.ts'
import { parseSets } from '../../src/ipset/sets.ts'
import { parseRuleset } from '../../src/iptables/ruleset.ts'

const felix = [
  '-A cali-PREROUTING -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-A cali-PREROUTING -m mark --mark 0x10000/0x10000 -j ACCEPT',
]

const jump = '-A PREROUTING -i ens18 -j FW-RUN'

/** A host with these rules in PREROUTING of mangle and raw. */
function hostWith(mangle: readonly string[], raw: readonly string[] = []): HostState {
  const ruleset = parseRuleset(`*raw
:PREROUTING ACCEPT [0:0]
${raw.join('\n')}
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
:cali-PREROUTING - [0:0]
:FW-RUN - [0:0]
${mangle.join('\n')}
${felix.join('\n')}
[0:0] -A FW-RUN -m conntrack --ctdir REPLY -j RETURN
[0:0] -A FW-RUN -m set --match-set cluster_nodes src -j RETURN
[0:0] -A FW-RUN -s 10.42.0.0/16 -j RETURN
[5:300] -A FW-RUN -d 10.42.0.0/16 -j DROP
COMMIT`)
  const sets = parseSets('create cluster_nodes hash:ip family inet\nadd cluster_nodes 192.0.2.11')
  return { ruleset: parseRuleset(''), sets, mangle: { 4: ruleset, 6: ruleset }, fingerprint: '1' }
}

function passing(mangle: readonly string[], raw?: readonly string[], family: 4 | 6 = 4) {
  const state = hostWith(mangle, raw)
  const first = chainOf(state, family)?.jumps[0]
  return first && bypass(state, family, first, ['10.42.0.0/16'])?.raw
}

describe('chainOf', () => {
  it('takes the whole chain aside for ours where a change was broken off', () => {
    const text = `*mangle
:PREROUTING ACCEPT [0:0]
:FW-RUN - [0:0]
:FW-RUN-aside - [0:0]
[9:9] -A FW-RUN -g FW-RUN-aside
[0:0] -A FW-RUN -m conntrack --ctdir REPLY -j RETURN
[0:0] -A FW-RUN-aside -m conntrack --ctdir REPLY -j RETURN
[5:300] -A FW-RUN-aside -d 10.42.0.0/16 -j DROP
COMMIT`
    const state = { ...hostWith([]), mangle: { 4: parseRuleset(text) } }
    expect(chainOf(state, 4)?.rules.map(({ raw, counters }) => [raw, counters?.packets])).toEqual([
      ['-A FW-RUN -m conntrack --ctdir REPLY -j RETURN', 0n],
      ['-A FW-RUN -d 10.42.0.0/16 -j DROP', 5n],
    ])
  })
})

describe('bypass', () => {
  it.each([
    ['nothing before it', [jump]],
    [
      'Felix before it, which accepts what is established or marked',
      ['-A PREROUTING -j cali-PREROUTING', jump],
    ],
    ['an accept of another interface', ['-A PREROUTING -i docker0 -j ACCEPT', jump]],
    ['an accept of other addresses', ['-A PREROUTING -d 192.0.2.11/32 -j ACCEPT', jump]],
    ['a rule that drops', ['-A PREROUTING -m conntrack --ctstate INVALID -j DROP', jump]],
  ])('finds no way past the chain of fw-run with %s', (_, rules) => {
    expect(passing(rules)).toBeUndefined()
  })

  it.each([
    ['-A PREROUTING -j ACCEPT'],
    ['-A PREROUTING -s 198.51.100.0/24 -j ACCEPT'],
    ['-A PREROUTING -p tcp -m tcp --dport 80 -j ACCEPT'],
    ['-A PREROUTING -m unheard --of -j ACCEPT'],
  ])('finds %s', (rule) => {
    expect(passing([rule, jump])).toBe(rule)
  })

  it('finds a mark of raw that mangle accepts', () => {
    const marked = passing(
      ['-A PREROUTING -j cali-PREROUTING', jump],
      ['-A PREROUTING -i ens18 -j MARK --set-xmark 0x10000/0x10000'],
    )
    expect(marked).toBe(felix[1])
  })

  it('asks of all interfaces that the jump means', () => {
    const wide = jump.replace('ens18', 'bond0.+')
    const accept = (name: string): string => `-A PREROUTING -i ${name} -j ACCEPT`
    expect(passing([accept('bond0.7'), wide])).toBe(accept('bond0.7'))
    expect(passing([accept('bond+'), wide])).toBe(accept('bond+'))
    expect(passing([accept('bond0'), accept('lo'), wide])).toBeUndefined()
  })

  it('takes any address of IPv6 for an outsider', () => {
    expect(passing(['-A PREROUTING -d fd99::/64 -j ACCEPT', jump], [], 6)).toContain('fd99')
    expect(passing(['-A PREROUTING -j cali-PREROUTING', jump], [], 6)).toBeUndefined()
  })
})

describe('chainVerdict', () => {
  const asked = (about: Partial<Arrival>, rules: readonly string[] = [jump]) =>
    chainVerdict(hostWith(rules), {
      ...{ in: 'ens18', out: undefined, source: '198.51.100.7', destination: '10.42.1.10' },
      ...{ protocol: 'tcp', sourcePort: undefined, destinationPort: 80, state: 'NEW' },
      ...about,
    })

  it.each([
    ['stops', {}],
    ['passes', { in: 'ens19' }],
    ['passes', { destination: '10.99.0.1' }],
    ['passes', { source: '192.0.2.11' }],
    ['passes', { source: '10.42.2.10' }],
    ['unsure', { state: 'ESTABLISHED' }],
  ] as const)('%s a packet with %j', (verdict, about) => {
    expect(asked(about)).toBe(verdict)
  })

  it('counts all interfaces that a jump means', () => {
    const wide = [jump.replace('ens18', 'bond0.+')]
    expect(asked({ in: 'bond0.5' }, wide)).toBe('stops')
    expect(asked({ in: 'bond0' }, wide)).toBe('passes')
  })

  it('is unsure where a rule before the chain may accept, and lets all pass where nothing leads to it', () => {
    expect(asked({}, ['-A PREROUTING -j ACCEPT', jump])).toBe('unsure')
    expect(asked({}, [])).toBe('passes')
  })
})
