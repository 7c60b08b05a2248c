import { describe, expect, it } from 'vitest'
import { exactSet, forward, hostState, intent } from '../../plan/host-state.ts'
import { resultOf, subject } from '../subject.ts'

const route = { kind: 'unicast', via: undefined, source: undefined } as const

/** A host with a second interface that has an address and a route, among rules in front of the usual ones. */
function result(
  name: string,
  { cidr = '198.51.100.0/24', up = true, rules = [] as string[], tables = '' } = {},
) {
  const network = {
    interfaces: [...intent.network.interfaces, { name, up, addresses: ['198.51.100.5'] }],
    routes: [...intent.network.routes, ...(cidr === '' ? [] : [{ ...route, cidr, device: name }])],
  }
  return resultOf(
    'unguarded-interfaces',
    subject({
      texts: {
        links: `2: ens18: <UP>\n3: ${name}: <${up ? 'UP' : 'BROADCAST'}>`,
        addresses: `2: ens18 inet 192.0.2.11/24\n3: ${name} inet 198.51.100.5/24`,
      },
      state: hostState([...rules, ...forward()], exactSet, tables),
      intent: { network },
    }),
  )
}

const drop = ['-A FORWARD -i ens19 -j DROP']

describe('unguarded', () => {
  it.each([['ens19'], ['bond0.12'], ['wg0'], ['lxcbr0'], ['vxlan100']])('warns of %s', (name) => {
    expect(result(name)).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining(`come in by ${name} reach pods`),
      remedy: expect.stringContaining(`["ens18","${name}"]`),
    })
  })

  it('warns of one with the default route', () => {
    expect(result('ens19', { cidr: '0.0.0.0/0' }).kind).toBe('warn')
  })

  it('warns of a VPN that keeps its routes in a table of its own', () => {
    const tailscale = [
      '-A FORWARD -i tailscale0 -j MARK --set-xmark 0x40000/0xff0000',
      '-A FORWARD -m mark --mark 0x40000/0xff0000 -j ACCEPT',
    ]
    expect(result('tailscale0', { cidr: '', rules: tailscale }).kind).toBe('warn')
  })

  it('warns of one that an administrator names in DOCKER-USER', () => {
    const rules = [
      ':DOCKER-USER - [0:0]',
      '-A FORWARD -j DOCKER-USER',
      '-A DOCKER-USER -i docker0 -o ens19 -j DROP',
    ]
    expect(result('ens19', { rules }).kind).toBe('warn')
  })

  it('warns of a VPN whose network is masqueraded', () => {
    const rule = '-A POSTROUTING -s 198.51.100.0/24 ! -o tun0 -j MASQUERADE'
    const tables = `*nat\n:POSTROUTING ACCEPT [0:0]\n${rule}\nCOMMIT`
    expect(result('tun0', { tables }).kind).toBe('warn')
  })

  it.each([
    ['cni0'],
    ['flannel.1'],
    ['vxlan.calico'],
    ['lxc0123456789ab'],
    ['kube-ipvs0'],
    ['nodelocaldns'],
    ['docker0'],
    ['br-0123456789ab'],
  ])('passes %s', (name) => {
    expect(result(name)).toEqual({ kind: 'pass' })
  })

  it.each([
    ['that is down', { up: false }],
    ['that leads to pods only', { cidr: '10.42.7.0/24' }],
    ['without routes by which nobody gets through', { cidr: '', rules: drop }],
    ['by which nobody gets through', { rules: drop }],
  ])('passes one %s', (_, about) => {
    expect(result('ens19', about)).toEqual({ kind: 'pass' })
  })
})
