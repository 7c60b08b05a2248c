import { describe, expect, it } from 'vitest'
import { unguardedInterfaces } from '../../src/placement/unguarded-interfaces.ts'
import { exactSet, forward, hostState, intent } from '../plan/host-state.ts'

const route = { kind: 'unicast', via: undefined, source: undefined } as const

/** The unguarded interfaces of a host with a second interface, an address and a route of it, and rules before the usual. */
function found(
  name: string,
  {
    cidr = '198.51.100.0/24',
    up = true,
    addresses = ['198.51.100.5'],
    rules = [] as readonly string[],
    tables = '',
    interfaces = ['ens18'],
    ipv6 = [] as readonly string[],
    about = {},
  } = {},
): readonly string[] {
  const network = {
    interfaces: [...intent.network.interfaces, { name, up, addresses, ...about }],
    routes: [...intent.network.routes, ...(cidr === '' ? [] : [{ ...route, cidr, device: name }])],
  }
  const state = hostState([...rules, ...forward()], exactSet, tables)
  return unguardedInterfaces(
    state,
    { ...intent, network, interfaces },
    {
      forwards: true,
      addresses: ipv6.map((address) => ({ device: name, address })),
      sources: [],
      temporary: [],
      routes: [],
    },
  )
}

const drop = ['-A FORWARD -i ens19 -j DROP']

describe('unguardedInterfaces', () => {
  it.each([
    ['ens19'],
    ['bond0.12'],
    ['wg0'],
    ['wireguard0'],
    ['lxcbr0'],
    ['vxlan100'],
    ['tunl0'],
    ['flannel.1'],
    ['veth-lab'],
  ])('finds %s where it leads to others than pods', (name) => {
    expect(found(name)).toEqual([name])
  })

  it.each([
    ['with the default route', 'ens19', { cidr: '0.0.0.0/0' }],
    [
      'of a VPN that keeps its routes in another table',
      'tailscale0',
      {
        cidr: '',
        rules: [
          '-A FORWARD -i tailscale0 -j MARK --set-xmark 0x40000/0xff0000',
          '-A FORWARD -m mark --mark 0x40000/0xff0000 -j ACCEPT',
        ],
      },
    ],
    [
      'that an administrator names in DOCKER-USER',
      'ens19',
      {
        rules: [
          ':DOCKER-USER - [0:0]',
          '-A FORWARD -j DOCKER-USER',
          '-A DOCKER-USER -i docker0 -o ens19 -j DROP',
        ],
      },
    ],
    [
      'of a VPN whose network is masqueraded',
      'tun0',
      {
        tables:
          '*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -s 198.51.100.0/24 ! -o tun0 -j MASQUERADE\nCOMMIT',
      },
    ],
    [
      'with an address of pods and a route to others',
      'wireguard.cali',
      { addresses: ['10.42.7.0'] },
    ],
    ['that has only an address of IPv6', 'ens19', { addresses: [], cidr: '', ipv6: ['fd00::5'] }],
    ['without an address, but with a route to others', 'ens19', { addresses: [] }],
    [
      'of a tunnel without an address, whose routes may be in another table',
      'wg0',
      { addresses: [], cidr: '', about: { tunnel: true } },
    ],
    ['of a card whose name begins as that of a bridge of docker', 'docker-lan', {}],
    ['of a card whose name begins as that of a dummy', 'dummyuplink', {}],
    [
      'whose packets an unknown target may accept',
      'ens19',
      { rules: ['-A FORWARD -i ens19 -j NFQUEUE --queue-num 0', ...drop] },
    ],
  ])('finds one %s', (_, name, about) => {
    expect(found(name, about)).toEqual([name])
  })

  it.each([
    ['cni0'],
    ['lxc0123456789ab'],
    ['kube-ipvs0'],
    ['nodelocaldns'],
    ['docker0'],
    ['br-0123456789ab'],
  ])('does not find %s', (name) => {
    expect(found(name)).toEqual([])
  })

  it.each([['flannel.1'], ['vxlan.calico'], ['tunl0'], ['wireguard.cali'], ['veth0123']])(
    'does not find %s where it leads to pods only',
    (name) => {
      expect(found(name, { cidr: '10.42.7.0/24', addresses: ['10.42.7.0'] })).toEqual([])
      expect(found(name, { cidr: '', addresses: ['10.42.7.0'] })).toEqual([])
    },
  )

  it.each([
    ['that is down', { up: false }],
    ['without an address and routes', { addresses: [], cidr: '' }],
    ['without an address that leads to members only', { addresses: [], cidr: '192.0.2.12/32' }],
    ['without an address that leads to pods only', { addresses: [], cidr: '10.42.7.0/24' }],
    ['that is a port', { addresses: [], about: { master: 'br0' } }],
    ['that leads to pods only', { cidr: '10.42.7.0/24' }],
    ['whose packets are dropped', { rules: drop }],
    ['without routes whose packets are dropped', { cidr: '', rules: drop }],
    ['that is guarded', { interfaces: ['ens18', 'ens19'] }],
  ])('does not find one %s', (_, about) => {
    expect(found('ens19', about)).toEqual([])
  })
})
