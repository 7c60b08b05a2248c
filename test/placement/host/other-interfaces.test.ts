import { describe, expect, it } from 'vitest'
import { otherInterfacesOf } from '../../../src/placement/host/other-interfaces.ts'
import { type HostOfTest, modelOf } from './model.ts'

const subnet = '192.0.2.0/24 dev ens18 scope link'
const network = '203.0.113.0/24 dev wg0 scope link'

/** The other interfaces of a host with a second one, and its routes: each with the addresses behind it. */
function others(
  name: string,
  { routes = [], ...about }: HostOfTest = {},
): readonly (readonly string[])[] {
  const model = modelOf({
    ...about,
    interfaces: ['ens18 192.0.2.11', ...(about.interfaces ?? [`${name} 203.0.113.1`])],
    routes: [subnet, ...routes],
  })
  return otherInterfacesOf(model).map((one) => [one.name, ...one.addresses])
}

describe('otherInterfacesOf', () => {
  it('finds an interface with a host behind it', () => {
    expect(others('wg0', { routes: [network] })).toEqual([['wg0', '203.0.113.254']])
  })

  it('takes any address behind the default route', () => {
    const routes = ['default via 203.0.113.2 dev ens19']
    expect(others('ens19', { routes })).toEqual([['ens19', '198.51.100.80']])
  })

  it('takes any address behind an interface without routes, if it has an address', () => {
    expect(others('tailscale0')).toEqual([['tailscale0', '198.51.100.80']])
    expect(others('tailscale0', { interfaces: ['tailscale0'] })).toEqual([])
  })

  it('takes the network itself if no host in it is free', () => {
    const routes = ['203.0.113.4/31 dev wg0', '203.0.113.9 dev wg0']
    expect(others('wg0', { routes })).toEqual([['wg0', '203.0.113.9', '203.0.113.4']])
  })

  it('takes one more address of each kind that rules name behind it', () => {
    const rules = ['FORWARD -d 203.0.113.64/28 -j DROP', 'FORWARD -d 203.0.113.1/32 -j DROP']
    expect(others('wg0', { rules, routes: [network] })).toEqual([
      ['wg0', '203.0.113.254', '203.0.113.65'],
    ])
  })

  it('takes none that is a pod, or behind a narrower route', () => {
    const rules = ['FORWARD -d 10.42.0.0/16 -j DROP', 'FORWARD -d 203.0.113.64/28 -j DROP']
    const routes = ['default dev ens19', '203.0.113.64/26 dev wg0']
    expect(others('ens19', { rules, routes })).toEqual([['ens19', '198.51.100.80']])
  })

  it.each([['lo'], ['kube-ipvs0'], ['nodelocaldns'], ['dummy0'], ['cali1'], ['docker0']])(
    'does not find %s',
    (name) => {
      expect(others(name, { routes: [`203.0.113.0/24 dev ${name} scope link`] })).toEqual([])
    },
  )

  it('finds a tunnel of another network, but none that leads to pods only', () => {
    const tunnel = ['203.0.113.0/24', '10.42.9.0/24'].map((cidr) => `${cidr} dev flannel.1`)
    expect(others('flannel.1', { routes: tunnel.slice(0, 1) })).toHaveLength(1)
    expect(others('flannel.1', { routes: tunnel.slice(1) })).toEqual([])
  })

  it.each<readonly [string, HostOfTest]>([
    ['that is down', { interfaces: ['wg0 203.0.113.1 down'], routes: [network] }],
    ['that is a port of a bridge', { interfaces: ['wg0 port-of-br0'], routes: [network] }],
    ['that is guarded', { wanted: { interfaces: ['ens18', 'wg0'] }, routes: [network] }],
    ['that leads to pods only', { routes: ['10.42.9.0/24 dev wg0'] }],
  ])('does not find one %s', (_, about) => {
    expect(others('wg0', about)).toEqual([])
  })
})

describe('otherInterfacesOf, by rules alone', () => {
  const none = { interfaces: [] as readonly string[] }

  it('finds an interface that a rule names, with an address that the rule matches', () => {
    const rules = ['FORWARD -o tun+ -j ACCEPT', 'FORWARD -d 203.0.113.0/24 -o tun1 -j ACCEPT']
    expect(others('', { ...none, rules })).toEqual([
      ['tun+', '198.51.100.80'],
      ['tun1', '203.0.113.10'],
    ])
  })

  it('takes no address that a rule excludes', () => {
    const rules = ['FORWARD ! -d 203.0.113.0/24 -o tun1 -j ACCEPT']
    expect(others('', { ...none, rules })).toEqual([['tun1', '198.51.100.80']])
  })

  it.each([
    ['that it excludes', 'FORWARD ! -o tun1 -j ACCEPT'],
    ['for incoming packets', 'FORWARD -i tun1 -j ACCEPT'],
    ['of a chain that no rule leads to', ':MINE - [0:0]', 'MINE -o tun1 -j ACCEPT'],
    ['of pods', 'FORWARD -o cali+ -j ACCEPT'],
    ['that is guarded', 'FORWARD -o ens18 -j ACCEPT'],
  ])('does not find an interface %s', (_, ...rules) => {
    expect(others('', { ...none, rules })).toEqual([])
  })

  it.each(['cali-FORWARD', 'KUBE-FORWARD', 'FLANNEL-FWD', 'WEAVE-NPC', 'DOCKER-USER'])(
    'does not read the rules of %s, which do not tell of VPNs',
    (chain) => {
      const rules = [`:${chain} - [0:0]`, `FORWARD -j ${chain}`, `${chain} -o tun1 -j ACCEPT`]
      expect(others('', { ...none, rules })).toEqual([])
    },
  )

  it('finds a present interface only once, although a rule names it by a prefix', () => {
    const rules = ['FORWARD -o wg+ -j ACCEPT']
    expect(others('wg0', { rules, routes: [network] })).toEqual([['wg0', '203.0.113.254']])
    const port = { interfaces: ['wg0 port-of-br0'], rules }
    expect(others('wg0', port)).toEqual([])
  })
})
