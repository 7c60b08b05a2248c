import { describe, expect, it } from 'vitest'
import { podsOf } from '../../../src/placement/host/pods.ts'
import { type HostOfTest, modelOf } from './model.ts'

/** The pods of a host as `ADDRESS INTERFACE`, with what else they are. */
function pods(about: HostOfTest): readonly string[] {
  return podsOf(modelOf(about)).map(({ address, out, here, real }) =>
    [address, out, here ? 'here' : 'elsewhere', ...(real ? [] : ['invented'])].join(' '),
  )
}

const subnet = '192.0.2.0/24 dev ens18 scope link'
const pod = '10.42.1.10 dev cali1 scope link'

describe('podsOf', () => {
  it('finds one pod here and one behind the tunnel where rules tell none apart', () => {
    expect(pods({})).toEqual(['10.42.1.10 cali1 here', '10.42.2.10 flannel.1 elsewhere'])
  })

  it('invents one here if there is none', () => {
    expect(pods({ routes: [subnet] })).toEqual(['10.42.0.10 cali+ here invented'])
    expect(pods({ routes: [subnet, '10.42.2.0/24 via 10.42.2.0 dev flannel.1'] })).toEqual([
      '10.42.0.10 cali+ here invented',
      '10.42.2.10 flannel.1 elsewhere',
    ])
  })

  it('invents one of a kind that only a rule names', () => {
    expect(pods({ rules: ['FORWARD -d 10.42.77.7/32 -j ACCEPT'] })).toEqual([
      '10.42.1.10 cali1 here',
      '10.42.77.7 cali+ here invented',
      '10.42.2.10 flannel.1 elsewhere',
    ])
  })

  it('finds one of each kind that rules tell apart behind one route', () => {
    const rules = ['FORWARD -d 10.42.2.64/26 -j ACCEPT', 'FORWARD -s 10.42.2.128/25 -j DROP']
    expect(pods({ rules })).toEqual([
      '10.42.1.10 cali1 here',
      '10.42.2.10 flannel.1 elsewhere',
      '10.42.2.65 flannel.1 elsewhere',
      '10.42.2.129 flannel.1 elsewhere',
    ])
  })

  it('tells pods apart by their interfaces, if rules do', () => {
    const routes = [subnet, pod, '10.42.1.11 dev cali2 scope link']
    expect(pods({ routes })).toEqual(['10.42.1.10 cali1 here'])
    expect(pods({ routes, rules: ['FORWARD -o cali2 -j ACCEPT'] })).toEqual([
      '10.42.1.10 cali1 here',
      '10.42.1.11 cali2 here',
    ])
  })

  it('finds bare pods of another host beside those behind a tunnel', () => {
    const routes = [subnet, pod, '10.42.2.0/26 via 192.0.2.12 dev ens18', '10.42.3.0/26 dev tunl0']
    expect(pods({ routes })).toEqual(['10.42.1.10 cali1 here', '10.42.2.10 ens18 elsewhere'])
    const onLink = [subnet, pod, '10.42.2.0/26 dev ens18 scope link']
    expect(pods({ routes: onLink })).toEqual([
      '10.42.1.10 cali1 here',
      '10.42.2.10 ens18 elsewhere',
    ])
  })

  it('takes no machine on the subnet of the nodes for a bare pod, even in a pod network', () => {
    const wanted = { podCidrs: ['192.0.0.0/16'] }
    const tunnel = '192.0.77.64/26 via 192.0.77.64 dev vxlan.calico onlink'
    const routes = [subnet, '192.0.9.10 dev cali1 scope link', tunnel]
    expect(pods({ routes, wanted })).toEqual([
      '192.0.9.10 cali1 here',
      '192.0.77.74 vxlan.calico elsewhere',
    ])
  })

  it('takes no address of the host itself for a pod', () => {
    const interfaces = ['ens18 192.0.2.11', 'flannel.1 10.42.1.0']
    const rules = ['FORWARD -d 10.42.1.0/31 -j ACCEPT']
    expect(pods({ rules, interfaces, routes: [subnet] })).toEqual([
      '10.42.0.10 cali+ here invented',
      '10.42.1.1 cali+ here invented',
    ])
  })

  it.each([
    ['the first', ['10.42.0.0/16', '10.43.0.0/16'], '10.42.1.10 cali1 here'],
    ['every', ['10.43.0.0/16'], '10.43.0.10 cali+ here invented'],
  ])('looks at %s pod network', (_, podCidrs, first) => {
    expect(pods({ routes: [subnet, pod], wanted: { podCidrs } })[0]).toBe(first)
  })
})

describe('podsOf, behind the default route', () => {
  const routes = [subnet, '10.42.1.0/24 dev cbr0 scope link', 'default via 192.0.2.1 dev ens18']
  const bare = '10.42.0.1 ens18 elsewhere'
  const flannelRules = [
    ':FLANNEL-FWD - [0:0]',
    'FLANNEL-FWD -s 10.42.0.0/16 -j ACCEPT',
    'FORWARD -j FLANNEL-FWD',
  ]

  it('finds bare pods of other hosts that only a cloud knows', () => {
    expect(pods({ routes })).toEqual(['10.42.1.10 cbr0 here', bare])
  })

  it.each<readonly [string, HostOfTest]>([
    ['a tunnel is up without a route', { interfaces: ['ens18 192.0.2.11', 'tunl0'] }],
    ['only the chain of flannel is left', { rules: [':FLANNEL-FWD - [0:0]'] }],
    ['only chain and jump of flannel are left', { rules: flannelRules }],
    [
      'the device of flannel serves another network',
      { rules: flannelRules, interfaces: ['ens18 192.0.2.11', 'flannel.1 10.244.1.0'] },
    ],
    [
      'nothing leads to the chain of flannel',
      { rules: flannelRules.slice(0, 2), interfaces: ['ens18 192.0.2.11', 'flannel.1 10.42.1.0'] },
    ],
    [
      'Calico has a blackhole for its block here',
      { routes: [...routes, 'blackhole 10.42.1.0/26 proto bird'] },
    ],
    [
      'Calico has a block here, and a tunnel that is down',
      {
        routes: [...routes, 'blackhole 10.42.1.0/26 proto 80'],
        interfaces: ['ens18 192.0.2.11', 'vxlan.calico down'],
      },
    ],
  ])('finds them though %s', (_, about) => {
    expect(pods({ routes, ...about })).toContain(bare)
  })

  it.each<readonly [string, HostOfTest]>([
    [
      'a route leads into a tunnel',
      {
        routes: [...routes, '10.42.9.0/24 dev wireguard.cali scope link'],
        interfaces: ['ens18 192.0.2.11', 'wireguard.cali'],
      },
    ],
    [
      'flannel is at work',
      { routes, rules: flannelRules, interfaces: ['ens18 192.0.2.11', 'flannel.1 10.42.1.0'] },
    ],
    ['there is no other host', { routes, wanted: { members: ['192.0.2.11'] } }],
    ['there are no pods here', { routes: [subnet, 'default via 192.0.2.1 dev ens18'] }],
    [
      'a block of Calico is there, and its tunnel is up',
      {
        routes: [...routes, 'blackhole 10.42.9.0/26 proto 80'],
        interfaces: ['ens18 192.0.2.11', 'vxlan.calico'],
      },
    ],
    [
      'a route leads to other pods',
      { routes: [...routes, '10.42.2.0/24 via 192.0.2.12 dev ens18'] },
    ],
    [
      'the default route leaves elsewhere',
      { routes: [...routes.slice(0, 2), 'default dev ens19'] },
    ],
    ['there is no default route', { routes: routes.slice(0, 2) }],
  ])('finds none if %s', (_, about) => {
    expect(pods(about)).not.toContain(bare)
  })
})
