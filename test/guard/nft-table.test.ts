import { describe, expect, it } from 'vitest'
import { podArrivals } from '../../src/guard/bare-pods.ts'
import { countersOf, guardedBy, isOurs, sourcesOf, tableText } from '../../src/guard/nft-table.ts'
import { parseTable } from '../../src/nft/printed-table.ts'
import { nftIntent, printed } from './nft-intent.ts'

const standing = parseTable(printed) ?? expect.fail('no table')

describe('tableText', () => {
  it('judges by the address that was asked for, before any translation', () => {
    expect(tableText(nftIntent).split('\n')).toEqual([
      'chain outsider {',
      'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept',
      'ct direction reply accept',
      'icmp type { destination-unreachable, time-exceeded, parameter-problem } ct state related accept',
      'icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } ct state related accept',
      'ct state invalid,untracked counter drop',
      'counter reject',
      '}',
      'chain prerouting {',
      'type filter hook prerouting priority -155; policy accept;',
      'iifname { "ens18" } ip daddr { 10.42.0.0/16, 10.43.0.0/16 } ip saddr != { 192.0.2.11, 192.0.2.12 } jump outsider',
      'iifname { "ens18" } ip6 daddr { fd42::/56 } ip6 saddr != { fd00::11 } jump outsider',
      '}',
    ])
  })

  it('has no rule for a family without networks, and admits nobody where there is no member of it', () => {
    const v4 = tableText({ ...nftIntent, podCidrs: ['10.42.0.0/16'] })
    expect(v4).not.toContain('ip6')
    const nobody = tableText({ ...nftIntent, members: ['192.0.2.11'] })
    expect(nobody).toContain('ip6 daddr { fd42::/56 } jump outsider')
  })

  it('admits the bare pods of each host, although hosts want the same members', () => {
    const sources = (barePods: readonly string[]) =>
      sourcesOf(tableText({ ...nftIntent, barePods })).slice(-4)
    const members = ['192.0.2.11', '192.0.2.12', 'fd00::11']
    expect(sources([])).toEqual(members)
    expect(sources(['10.42.2.0/24'])).toEqual([...members.slice(0, 2), '10.42.2.0/24', 'fd00::11'])
    expect(sources(['fd42::/64'])).toEqual([...members, 'fd42::/64'])
  })

  it('admits bare pods where there is no member of their family', () => {
    const intent = { ...nftIntent, members: ['192.0.2.11'], barePods: ['fd42::/64'] }
    expect(sourcesOf(tableText(intent))).toEqual(['192.0.2.11', 'fd42::/64'])
  })

  it('has rules of their own for patterns, which older versions of nft do not know in sets', () => {
    const interfaces = ['ens18', 'bond0.*', 'vlan*']
    const ways = (wanted: Partial<typeof nftIntent>): readonly string[] =>
      [
        ...tableText({ ...nftIntent, podCidrs: [], ...wanted }).matchAll(/^iifname .*?(?= ip)/gm),
      ].map(([text]) => text)
    expect(ways({ interfaces })).toEqual([
      'iifname { "ens18" }',
      'iifname "bond0.*"',
      'iifname "vlan*"',
    ])
    expect(ways({ interfaces: ['bond0.*'] })).toEqual(['iifname "bond0.*"'])
    expect(guardedBy(tableText({ ...nftIntent, interfaces })).interfaces).toEqual(interfaces)
  })

  it('asks conntrack in the form for kernels that cannot reject earlier', () => {
    const text = tableText({ ...nftIntent, form: 'forward' })
    expect(text).toContain('type filter hook forward')
    expect(text).toContain(
      'ct direction original ct original ip daddr { 10.42.0.0/16, 10.43.0.0/16 }',
    )
    expect(text).toContain('ct state invalid,untracked ip6 daddr { fd42::/56 }')
  })

  it('keeps counters, and drops where the inventory says so', () => {
    const text = tableText({ ...nftIntent, action: 'DROP' }, countersOf(standing))
    expect(text).toContain('counter packets 5 bytes 300 drop\ncounter packets 7 bytes 99 drop')
  })
})

describe('a standing table', () => {
  it('tells what it guards, and from whom', () => {
    expect(guardedBy(printed)).toEqual({
      interfaces: ['ens18'],
      closed: ['10.42.0.0/15', 'fd42::/56'],
    })
    expect(sourcesOf(printed)).toEqual(['192.0.2.11', '192.0.2.12', 'fd00::11'])
  })

  it('is ours by its chain', () => {
    expect(isOurs(standing)).toBe(true)
    expect(isOurs({ text: '', chains: [{ name: 'theirs', rules: [] }] })).toBe(false)
  })

  it('has counted nothing where its counters are gone', () => {
    const text = printed.replaceAll(/counter packets \d+ bytes \d+ /g, '')
    const bare = parseTable(text) ?? expect.fail('no table')
    expect(countersOf(bare).refused).toEqual({ packets: 0n, bytes: 0n })
  })
})

describe('podArrivals', () => {
  const route = (cidr: string, device: string, via?: string) =>
    ({ kind: 'unicast', cidr, device, via, source: undefined }) as const
  const toPod = route('10.42.1.10/32', 'cali1')
  const byDefault = route('0.0.0.0/0', 'ens18', '192.0.2.1')
  const both = ['10.42.0.0/16', '10.44.0.0/16']
  const { network } = nftIntent
  type Routes = readonly ReturnType<typeof route>[]
  const of = (podCidrs: readonly string[], ...routes: Routes) =>
    podArrivals(podCidrs, routes, network, ['ens18'], true)
  const bare = (...routes: Routes) => of(['10.42.0.0/16'], ...routes).bare.length > 0
  const withTunnel = (name: string, ...addresses: readonly string[]) => ({
    ...network,
    interfaces: [...network.interfaces, { name, up: true, addresses }],
  })

  it('are bare where a route to pods leaves by the guarded interface', () => {
    expect(bare(toPod, route('10.42.2.0/24', 'ens18', '192.0.2.12'))).toBe(true)
    const six = ['fd42::/56']
    expect(of(six, route('fd42:0:0:2::/64', 'ens18', 'fd00::12')).bare).toEqual(six)
  })

  it('are not the nodes of the guarded subnet, even if that is in a pod network', () => {
    const subnet = route('192.0.2.0/24', 'ens18')
    const around = ['192.0.0.0/16']
    expect(of(around, subnet, route('192.0.77.7/32', 'vxlan.calico')).bare).toEqual([])
    expect(of(around, subnet, route('192.0.77.0/24', 'ens18')).bare).toEqual(around)
  })

  it('are not bare behind a tunnel', () => {
    expect(bare(toPod, byDefault, route('10.42.2.0/24', 'flannel.1', '10.42.2.0'))).toBe(false)
    expect(bare(toPod, byDefault, route('10.42.2.0/26', 'wireguard.cali'))).toBe(false)
    expect(bare(toPod, byDefault, route('10.42.2.0/24', 'tun-0a1b2c3d4e5'))).toBe(false)
  })

  it('are not bare behind a tunnel that an administrator made, by which routes have no gateway', () => {
    const through = (device: string, about: { readonly tunnel?: true }) => {
      const one = { name: device, up: true, addresses: ['10.9.0.1'], ...about }
      const host = { ...network, interfaces: [...network.interfaces, one] }
      const routes = [toPod, route('10.42.2.0/24', device), byDefault]
      return podArrivals(['10.42.0.0/16'], routes, host, ['ens18'], true)
    }
    const byLink = [route('10.42.2.0/24', 'wg0')]
    expect(through('wg0', { tunnel: true })).toMatchObject({ bare: [], unknown: [], byLink })
    expect(through('kube-lan', {}).bare).toEqual(['10.42.0.0/16'])
    expect(through('cali2', { tunnel: true }).bare).toEqual(['10.42.0.0/16'])
  })

  it('are no far ends of a VPN that has an address of its own in the pod network', () => {
    const wg0 = { name: 'wg0', up: true, addresses: ['10.42.255.1'], tunnel: true } as const
    const host = { ...network, interfaces: [...network.interfaces, wg0] }
    const beside = (...routes: Routes) =>
      podArrivals(['10.42.0.0/16'], [...routes, byDefault], host, ['ens18'], true)
    const byCloud = { bare: ['10.42.0.0/16'], unknown: [] }
    expect(beside(toPod, route('10.42.255.0/24', 'wg0'))).toMatchObject(byCloud)
    expect(beside(toPod, route('10.42.255.0/24', 'wg0', '10.42.255.2'))).toMatchObject(byCloud)
    const farEnd = { ...route('10.42.254.2/32', 'wg0'), protocol: 'kernel' }
    expect(beside(toPod, farEnd)).toMatchObject(byCloud)
    expect(beside(route('10.42.255.0/24', 'wg0')).unknown).toEqual(['10.42.0.0/16'])
    expect(beside(toPod, route('10.42.0.0/16', 'wg0')).bare).toEqual([])
  })

  it('are bare where only routers of the cloud know the pods of other hosts', () => {
    expect(bare(toPod, byDefault)).toBe(true)
    expect(bare(toPod, route('0.0.0.0/0', 'ens19', '198.51.100.1'))).toBe(false)
  })

  it('are not bare where a tunnel of pods is up although no other host has pods yet', () => {
    const tunnel = withTunnel('flannel.1', '10.42.1.0')
    expect(podArrivals(['10.42.0.0/16'], [toPod, byDefault], tunnel, ['ens18'], true).bare).toEqual(
      [],
    )
  })

  it('are not bare where a virtual switch carries the whole network', () => {
    expect(bare(route('10.42.0.0/16', 'tun0'), byDefault)).toBe(false)
    expect(bare(route('10.42.0.0/16', 'cni0'), byDefault)).toBe(true)
    expect(bare(route('10.42.1.0/24', 'tun0'), byDefault)).toBe(true)
  })

  it('are not bare behind the gateway of Antrea where Open vSwitch has a tunnel', () => {
    const routes = [route('10.42.1.0/24', 'antrea-gw0'), byDefault]
    const tunnel = withTunnel('genev_sys_6081')
    expect(podArrivals(['10.42.0.0/16'], routes, tunnel, ['ens18'], true).bare).toEqual([])
    expect(bare(...routes)).toBe(true)
  })

  it('are alike in a network without routes and in another of its family', () => {
    expect(of(both, toPod, byDefault)).toMatchObject({ bare: both, unknown: [] })
    const byRoute = route('10.44.2.0/24', 'ens18', '192.0.2.12')
    expect(of(both, byRoute, byDefault)).toMatchObject({ bare: both, unknown: [] })
    const six = [...both, 'fd42::/56']
    expect(of(six, toPod, byDefault, route('::/0', 'ens18', 'fd00::1'))).toMatchObject({
      bare: both,
      unknown: ['fd42::/56'],
    })
    const tunnelled = route('10.42.2.0/24', 'flannel.1', '10.42.2.0')
    expect(of(both, tunnelled, byDefault)).toMatchObject({ bare: [], unknown: [] })
    const elsewhere = route('10.44.0.0/15', 'ens19', '198.51.100.1')
    expect(of(both, toPod, byDefault, elsewhere).bare).toEqual(['10.42.0.0/16'])
  })

  it('are not bare in a second or third pool of Calico where tunnels lead to the first', () => {
    const pools = ['10.244.0.0/16', '10.245.0.0/16', '10.246.0.0/16']
    const here = [route('10.245.0.7/32', 'cali2'), byDefault]
    const none = { via: undefined, device: undefined, source: undefined }
    const block = [{ kind: 'blackhole', cidr: '10.245.0.0/26', ...none } as const, ...here]
    for (const tunnel of ['vxlan.calico', 'tunl0']) {
      const up = withTunnel(tunnel, '10.244.1.0')
      const toOther = route('10.244.2.0/26', tunnel, '10.244.2.0')
      const through = (known: readonly string[], routes: Parameters<typeof podArrivals>[1]) =>
        podArrivals(known, routes, up, ['ens18'], true).bare
      expect(through(pools, [toOther, ...block])).toEqual([])
      expect(through(pools, [toOther, ...here])).toEqual([])
      // The inventory names the second pool only.
      expect(through(['10.245.0.0/16'], [toOther, ...block])).toEqual([])
      const direct = route('10.244.3.0/26', 'ens18', '192.0.2.13')
      expect(through(pools, [toOther, direct, ...block])).toEqual(pools)
    }
    // Without any tunnel, pods of the pool can only come bare once another host has some.
    const second = ['10.245.0.0/16']
    expect(podArrivals(second, block, network, ['ens18'], true).bare).toEqual(second)
  })

  it('are judged by the tunnels of their own family', () => {
    const none = { via: undefined, device: undefined, source: undefined }
    const routes = [
      { kind: 'blackhole', cidr: 'fd42:0:0:1::/122', ...none } as const,
      route('fd42:0:0:1::5/128', 'cali1'),
      route('::/0', 'ens18', 'fd00::1'),
    ]
    const six = ['fd42::/48']
    const by = (tunnel: string) =>
      podArrivals(six, routes, withTunnel(tunnel, '10.42.9.64'), ['ens18'], true)
    // Nothing but a tunnel for IPv6 carries them.
    expect(by('vxlan.calico').bare).toEqual(six)
    expect(by('vxlan-v6.calico').bare).toEqual([])
    const noRoutes = podArrivals(
      six,
      routes.slice(2),
      withTunnel('vxlan.calico', '10.42.9.64'),
      ['ens18'],
      true,
    )
    expect(noRoutes).toMatchObject({ bare: [], unknown: six })
  })

  it('are of no other host where there is no other node, unless a route leads to them', () => {
    const alone = (...routes: Routes) =>
      podArrivals(['10.42.0.0/16'], routes, network, ['ens18'], false)
    expect(alone(route('10.42.0.0/24', 'cni0'), byDefault).bare).toEqual([])
    expect(alone(byDefault).unknown).toEqual([])
    const toOther = route('10.42.2.0/24', 'ens18', '192.0.2.12')
    expect(alone(toPod, toOther, byDefault).bare).toEqual(['10.42.0.0/16'])
  })

  it('are bare where a guarded interface has an address and its routes are in another table, as with Tailscale', () => {
    const card = { name: 'eth0', up: true, addresses: ['198.51.100.11'] }
    const vpn = (up: boolean) => ({ name: 'tailscale0', up, addresses: ['100.64.0.11'] })
    const routes = [route('10.42.0.0/24', 'cni0'), route('0.0.0.0/0', 'eth0', '198.51.100.1')]
    const by = (up: boolean, more: Routes = [], tunnel?: string) => {
      const tunnels = tunnel ? [{ name: tunnel, up: true, addresses: ['10.42.0.0'] }] : []
      const all = [...routes, ...more]
      const host = { interfaces: [card, vpn(up), ...tunnels], routes: all }
      return podArrivals(['10.42.0.0/16'], all, host, ['tailscale0'], true)
    }
    expect(by(true).bare).toEqual(['10.42.0.0/16'])
    expect(by(false).bare).toEqual([])
    expect(by(true, [route('100.64.0.12/32', 'tailscale0')]).bare).toEqual([])
    expect(by(true, [], 'flannel.1').bare).toEqual([])
    const waiting = { interfaces: [card, vpn(true)], routes: routes.slice(1) }
    expect(
      podArrivals(['10.42.0.0/16'], waiting.routes, waiting, ['tailscale0'], true),
    ).toMatchObject({
      bare: [],
      unknown: ['10.42.0.0/16'],
    })
  })

  it('are not known where the host has no route to pods and no tunnel of pods', () => {
    expect(of(both, byDefault)).toMatchObject({ bare: [], unknown: both })
    expect(of(both, route('0.0.0.0/0', 'ens19', '198.51.100.1')).unknown).toEqual([])
    const tunnel = withTunnel('flannel.1')
    expect(podArrivals(both, [byDefault], tunnel, ['ens18'], true).unknown).toEqual([])
  })
})
