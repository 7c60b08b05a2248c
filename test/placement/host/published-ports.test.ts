import { describe, expect, it } from 'vitest'
import { parseRuleset } from '../../../src/iptables/ruleset.ts'
import { clusterIps, publishedPorts } from '../../../src/placement/host/published-ports.ts'

const to = '-j DNAT --to-destination 10.42.1.10:80'

/** Rules of nat in short, and what they may publish as `address port/protocol`. */
const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['a port', [`PREROUTING -p tcp -m tcp --dport 80 ${to}`], ['own 80/tcp']],
  [
    'a whole address',
    [`PREROUTING -d 192.0.2.200/32 ${to}`],
    ['192.0.2.200 any/tcp', '192.0.2.200 any/udp'],
  ],
  [
    'what is named on the way, the last name first',
    [
      'PREROUTING -d 192.0.2.80/32 -p tcp -j A',
      'A -p tcp -m multiport --dports 80,443 -j B',
      `B -p tcp -m tcp --dport 443 ${to}`,
    ],
    ['192.0.2.80 443/tcp'],
  ],
  [
    'each of several ports',
    [`PREROUTING -p udp -m multiport --dports 53,5000:5010 ${to}`],
    ['own 53/udp', 'own 5000/udp', 'own 5010/udp'],
  ],
  [
    'the ends of a range, and what other rules tell apart within',
    [
      'PREROUTING -p tcp -m tcp --dport 8008 -j RETURN',
      `PREROUTING -p tcp -m tcp --dport 8000:8010 ${to}`,
    ],
    ['own 8000/tcp', 'own 8010/tcp', 'own 8008/tcp', 'own 8009/tcp'],
  ],
  [
    'the ends of a network, and the own address if it lies there',
    [`PREROUTING -d 198.51.100.0/29 -p tcp ${to}`],
    ['198.51.100.0 any/tcp', '198.51.100.7 any/tcp', 'own any/tcp'],
  ],
  [
    'a network that is mapped to another',
    ['PREROUTING -d 198.51.100.0/31 -p udp -j NETMAP --to 10.42.1.10/31'],
    ['198.51.100.0 any/udp', '198.51.100.1 any/udp', 'own any/udp'],
  ],
  [
    'all but an address and a port',
    [`PREROUTING ! -d 192.0.2.11/32 -p tcp -m tcp ! --dport 22 ${to}`],
    ['own any/tcp', '198.51.100.80 any/tcp'],
  ],
  [
    'nothing in chains without a jump to them',
    ['PREROUTING -j A', `B -p tcp -m tcp --dport 80 ${to}`],
    [],
  ],
  ['nothing where chains go in a circle', ['PREROUTING -j A', 'A -j B', 'B -j A'], []],
  [
    'what leads through a circle',
    ['PREROUTING -j A', 'A -j B', 'B -j A', `B -p tcp -m tcp --dport 80 ${to}`],
    ['own 80/tcp'],
  ],
  [
    'an external address, but no ClusterIP',
    [
      'PREROUTING -j KUBE-SERVICES',
      'KUBE-SERVICES -d 10.43.0.1/32 -p tcp -m comment --comment "ns/a cluster IP" -m tcp --dport 443 -j KUBE-SVC-A',
      'KUBE-SERVICES -d 10.43.0.2/32 -p tcp -m comment --comment "ns/b cluster IP" -m tcp --dport 80 -j KUBE-SVL-B',
      'KUBE-SERVICES -d 192.0.2.80/32 -p tcp -m comment --comment "ns/a external IP" -m tcp --dport 80 -j KUBE-SVC-A',
      'KUBE-SERVICES -d 192.0.2.81/32 -p tcp -m tcp --dport 80 -m addrtype --dst-type LOCAL -j KUBE-SVC-A',
      'KUBE-SERVICES -d 192.0.2.82/32 -p tcp -m tcp --dport 80 -j KUBE-EXT-A',
      'KUBE-EXT-A -j KUBE-SVC-A',
      `KUBE-SVC-A -p tcp -m tcp ${to}`,
      `KUBE-SVL-B -p tcp -m tcp ${to}`,
    ],
    ['192.0.2.80 80/tcp', '192.0.2.81 80/tcp', '192.0.2.82 80/tcp'],
  ],
]

function natOf(rules: readonly string[]): ReturnType<typeof parseRuleset> {
  const chains = new Set(rules.map((rule) => rule.split(' ')[0]))
  return parseRuleset(
    [
      '*nat',
      ...[...chains].map((name) => `:${name} - [0:0]`),
      ...rules.map((rule) => `-A ${rule}`),
      'COMMIT',
    ].join('\n'),
  )
}

describe('publishedPorts', () => {
  it.each(cases)('finds %s', (_, rules, expected) => {
    const found = publishedPorts(natOf(rules)).map(
      ({ address = 'own', port = 'any', protocol }) => `${address} ${port}/${protocol}`,
    )
    expect(found).toEqual(expected)
  })

  it('ends in time where chains fan out', () => {
    const rules = Array.from({ length: 40 }, (_, i) => {
      const chain = i === 0 ? 'PREROUTING' : `C${i}`
      return [`${chain} -j C${i + 1}`, `${chain} -m mark --mark 0x1 -j C${i + 1}`]
    })
    expect(publishedPorts(natOf([...rules.flat(), `C40 -p tcp ${to}`]))).toHaveLength(1)
  })
})

describe('clusterIps', () => {
  it('finds the ClusterIPs and nothing else', () => {
    const [, rules = []] = cases.at(-1) ?? []
    expect(clusterIps(natOf(rules))).toEqual([
      { address: '10.43.0.1', protocol: 'tcp', port: 443 },
      { address: '10.43.0.2', protocol: 'tcp', port: 80 },
    ])
  })
})
