import { describe, expect, it } from 'vitest'
import type { InventoryHost } from '../../../src/inventory/inventory.ts'
import { parseTable } from '../../../src/nft/printed-table.ts'
import { findings } from '../../../src/preflight/preflight.ts'
import { nftIntent, printed } from '../../guard/nft-intent.ts'
import { forward, hostState } from '../../plan/host-state.ts'
import { host, mangleSubject, nftSubject, resultOf, subject } from '../subject.ts'

describe('nft-support', () => {
  it.each([
    ['REJECT', 'prerouting', 'prerouting reject', 'pass'],
    ['DROP', 'prerouting', 'prerouting reject', 'pass'],
    ['DROP', 'prerouting', 'prerouting drop', 'pass'],
    ['REJECT', 'forward', 'prerouting drop\nforward reject', 'warn'],
    ['REJECT', 'forward', 'prerouting drop', 'fail'],
  ] as const)('of %s in %s on a host that takes %j: %s', (action, form, takes, kind) => {
    const about = nftSubject({ texts: { 'nft-support': takes }, intent: { action, form } })
    expect(resultOf('nft-support', about).kind).toBe(kind)
  })

  it.each([
    ['forward', 'forward reject', 'warn'],
    ['forward', 'prerouting drop', 'fail'],
  ] as const)('advises no fw_action that is set already: in %s with %j', (form, takes, kind) => {
    const about = nftSubject({ texts: { 'nft-support': takes }, intent: { action: 'DROP', form } })
    const result = resultOf('nft-support', about)
    expect(result).toMatchObject({ kind, remedy: expect.stringMatching(/^Upgrade the kernel/) })
  })

  it('names another guard where nft crashes, as old ones do on sets that a newer one made', () => {
    const said = { text: 'nft -c -f failed with exit code 139: it printed nothing', code: 2 }
    const about = nftSubject({ texts: { 'nft-support': said } })
    expect(resultOf('nft-support', about)).toMatchObject({
      kind: 'fail',
      remedy: expect.stringMatching(/^Upgrade nft .* fw_guard: mangle/),
    })
  })

  it('tells what nft said', () => {
    const said = { text: 'Error: Could not process rule: No such file or directory', code: 1 }
    const about = nftSubject({ texts: { 'nft-support': said } })
    expect(resultOf('nft-support', about)).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('Could not process rule'),
    })
  })
})

describe('arrival-interface', () => {
  const judged = (links: string, interfaces = ['ens18']) =>
    resultOf(
      'arrival-interface',
      nftSubject({ texts: { links }, intent: network(links, interfaces) }),
    )

  function network(links: string, interfaces: readonly string[]) {
    const { facts } = nftSubject({ texts: { links } })
    return facts.network.kind === 'read' ? { interfaces, network: facts.network.value } : {}
  }

  it('passes for an interface with its name', () => {
    expect(judged('2: ens18: <UP>').kind).toBe('pass')
  })

  it.each(['br-lan', 'bond0'])('names %s, the master of a port', (master) => {
    const links = `2: ens18: <UP> mtu 1500 master ${master}\n3: ${master}: <UP>`
    expect(judged(links)).toMatchObject({
      kind: 'fail',
      remedy: expect.stringContaining(`fw_interface to ${master} for`),
    })
  })

  const addressOf = (name: string) => `2: ${name}    inet 192.0.2.11/24 scope global ${name}`

  it('names the port of Open vSwitch that has the address, and never its data path', () => {
    const links =
      '2: ens18: <UP> mtu 1500 master ovs-system\n3: ovs-system: <BROADCAST>\n4: br-ex: <UP>'
    const texts = { links, addresses: addressOf('br-ex') }
    expect(resultOf('arrival-interface', nftSubject({ texts }))).toMatchObject({
      kind: 'fail',
      remedy: expect.stringContaining('fw_interface to br-ex for'),
    })
    const unknown = judged('2: ens18: <UP> mtu 1500 master ovs-system\n3: ovs-system: <BROADCAST>')
    expect(unknown).toMatchObject({ remedy: expect.stringContaining('to the internal port') })
  })

  it('takes the port of a VRF, before routing, and the VRF itself in the hook forward', () => {
    const links = '2: ens18: <UP> mtu 1500 master blue\n3: blue: <NOARP,MASTER,UP>'
    const about = (interfaces: readonly string[], form: 'prerouting' | 'forward') =>
      nftSubject({ texts: { links }, intent: { interfaces, form } })
    const both = (...guarded: Parameters<typeof about>) =>
      resultOf('arrival-interface', about(...guarded))
    expect(both(['ens18'], 'prerouting')).toEqual({ kind: 'pass' })
    expect(both(['blue'], 'prerouting')).toMatchObject({
      kind: 'fail',
      remedy: expect.stringContaining('the interfaces in the VRF: ["ens18"]'),
    })
    expect(both(['ens18'], 'forward')).toMatchObject({
      kind: 'fail',
      remedy: expect.stringContaining('fw_interface to blue for'),
    })
    expect(both(['blue'], 'forward')).toEqual({ kind: 'pass' })
    expect(resultOf('unguarded-interfaces', about(['blue'], 'forward'))).toEqual({ kind: 'pass' })
  })

  it('passes for a pattern if one interface that it means fits', () => {
    const links = `2: ens18: <UP>\n3: ens19: <BROADCAST>\n4: ens20: <UP> mtu 1500 master br0`
    expect(judged(links, ['ens*']).kind).toBe('pass')
    expect(judged('2: ens18: <UP> mtu 1500 master br0\n3: br0: <UP>', ['ens*'])).toMatchObject({
      kind: 'fail',
      remedy: expect.stringContaining('fw_interface to br0 for'),
    })
    expect(judged('2: ens18: <BROADCAST>', ['ens*'])).toMatchObject({ reason: 'ens18 is down' })
  })

  it('does not let one that fits hide what a pattern beside it means', () => {
    const bridged = '2: ens18: <UP>\n3: bond0.5: <UP> mtu 1500 master br0\n4: br0: <UP>'
    expect(judged(bridged, ['ens18', 'bond0.*'])).toMatchObject({
      kind: 'fail',
      remedy: expect.stringContaining('fw_interface to br0 for'),
    })
    expect(judged('2: ens18: <UP>\n3: bond0.5: <BROADCAST>', ['ens18', 'bond0.*'])).toMatchObject({
      reason: 'bond0.5 is down',
    })
  })

  it('takes a pattern that means no interface for one that is not there yet', () => {
    expect(judged('2: ens18: <UP>', ['ens18', 'bond0.*'])).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('no interface bond0.* yet'),
    })
    expect(judged('2: ens18: <UP>', ['bond0.*'])).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('there is no interface bond0.*; '),
    })
  })

  it.each([
    ['c*', '2: ens18: <UP>\n5: cni0: <UP>\n6: cali12: <UP>\n7: cloud1: <UP>', 'cni0, cali12. '],
    ['l*', '1: lo: <UP>\n2: ens18: <UP>', ' lo. '],
    ['d*', '2: ens18: <UP>\n3: docker0: <UP>', ' docker0. '],
    ['br-*', '2: ens18: <UP>', ' br-0123456789ab. '],
    ['k*', '2: ens18: <UP>', ' kube-bridge, kube-ipvs0. '],
    ['pod*', '2: ens18: <UP>', ' podman0. '],
    ['en*', '2: ens18: <UP>', ' eni0123456789a. '],
    ['gke*', '2: ens18: <UP>', ' gke0123456789a. '],
    ['a*', '2: ens18: <UP>\n3: azv1a2b3c4: <UP>', ' azv1a2b3c4. '],
    ['v*', '2: ens18: <UP>\n3: vlan7: <UP>', ' veth0, vxlan.calico, vxlan-6784. '],
  ])(
    'refuses the pattern %s, which may mean interfaces of pods or of the host',
    (pattern, links, names) => {
      expect(judged(links, ['ens18', pattern])).toMatchObject({
        kind: 'fail',
        reason: expect.stringContaining(names),
        remedy: expect.stringContaining('fw_interface'),
      })
    },
  )

  it.each(['ens*', 'enp*', 'eno*', 'enx*', 'eth*', 'bond0.*', 'br0*', 'wg*'])(
    'takes the usual pattern %s',
    (pattern) => {
      expect(judged('2: ens18: <UP>', ['ens18', pattern]).kind).not.toBe('fail')
    },
  )

  it('does not let one that is not there yet hide that the other is down', () => {
    expect(judged('2: ens18: <BROADCAST>', ['ens18', 'ens19'])).toMatchObject({
      kind: 'fail',
      reason: 'ens18 is down',
    })
  })

  it('names all that are down, and how to bring up all of them', () => {
    expect(judged('2: ens18: <>\n3: ens19: <>', ['ens18', 'ens19'])).toMatchObject({
      reason: 'ens18 and ens19 are down',
      remedy: expect.stringContaining('`ip link set ens18 up && ip link set ens19 up`'),
    })
  })

  it('warns of one that is not there yet beside one that is', () => {
    expect(judged('2: ens18: <UP>', ['ens18', 'ens19'])).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('no interface ens19 yet'),
    })
  })

  it('fails where there is none of them', () => {
    expect(judged('2: ens18: <UP>', ['eth0'])).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('interfaces with an address: ens18'),
    })
  })
})

describe('ebpf', () => {
  it.each([
    ['Cilium', 'cilium_host', 'If you have removed Cilium from that host'],
    ['Calico', 'bpfin.cali', 'If Calico no longer uses eBPF on that host'],
  ])('refuses the data plane of %s, which leads packets past the table', (owner, device, left) => {
    const about = nftSubject({ texts: { links: `2: ens18: <UP>\n9: ${device}: <UP>` } })
    expect(resultOf('ebpf', about)).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining(`data plane of ${owner}`),
      remedy: expect.stringContaining(`${left}, reboot that host`),
    })
  })

  it('knows the data plane of Calico by its maps where it has no devices', () => {
    const texts = { 'bpf-maps': '/sys/fs/bpf/tc/globals/cali_v4_routes' }
    expect(resultOf('ebpf', nftSubject({ texts }))).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('data plane of Calico is on this host (/sys/fs/bpf'),
      remedy: expect.stringContaining('restart calico-node'),
    })
  })

  it('does not take a device that is down for a data plane at work', () => {
    const about = nftSubject({ texts: { links: '2: ens18: <UP>\n9: cilium_host: <BROADCAST>' } })
    expect(resultOf('ebpf', about).kind).toBe('pass')
  })
})

describe('virtual-switch', () => {
  const judged = (...more: readonly string[]) => judgedWith(['10.42.0.0/16'], ...more)
  const judgedWith = (podCidrs: readonly string[], ...more: readonly string[]) => {
    const links = ['1: lo: <UP>', '3: ovs-system: <BROADCAST>', '4: br-ex: <UP>', ...more]
    const addresses = '4: br-ex    inet 192.0.2.11/24 scope global br-ex'
    const texts = { links: links.join('\n'), addresses }
    const intent = { interfaces: ['br-ex'], podCidrs }
    return resultOf('virtual-switch', nftSubject({ texts, intent }))
  }
  const card = '2: ens18: <UP> mtu 1500 master ovs-system'
  const toPods = '5: ovn-k8s-mp0: <UP>'

  it('warns where the card is a port of the switch of OVN-Kubernetes, and says how to see what that means', () => {
    expect(judgedWith(['10.42.0.0/16', 'fd42::/48'], card, toPods)).toEqual({
      kind: 'warn',
      reason: expect.stringMatching(
        /\(ovn-k8s-mp0\), and ens18 is a port .* outsiders reach all pods/,
      ),
      remedy: expect.stringMatching(
        /`ovs-ofctl dump-flows br-ex table=1` .* nw_dst= or ipv6_dst= .*10\.42\.0\.0\/16, fd42::\/48\)\. .* add virtual-switch to fw_accept\.$/,
      ),
    })
  })

  it.each([
    ['there is no OVN-Kubernetes', [card]],
    ['OVN-Kubernetes is down', [card, '5: ovn-k8s-mp0: <BROADCAST>']],
    ['the card is no port', ['2: ens18: <UP>', toPods]],
    [
      'only tunnels, pods and the host are ports',
      [
        toPods,
        ...['genev_sys_6081', '0a1b2c3d4e5f6a7', '0a1b2c3d4e5f6_1', 'ovn-k8s-mp0_0'].map(
          (name, index) => `${10 + index}: ${name}: <UP> mtu 1400 master ovs-system`,
        ),
      ],
    ],
  ])('passes where %s', (_, links) => expect(judged(...links)).toEqual({ kind: 'pass' }))
})

describe('arrival-interface by its addresses', () => {
  it('fails for an interface that has none of the addresses of the inventory', () => {
    const about = nftSubject({ settings: { addresses: ['192.0.2.77'] } })
    expect(resultOf('arrival-interface', about)).toMatchObject({
      kind: 'fail',
      reason: 'ens18 has 192.0.2.11, but the inventory says 192.0.2.77',
    })
  })

  const byBgp = (device: string) =>
    `default proto bgp src 192.0.2.77 \\\tnexthop via 10.9.1.3 dev ens18 weight 1 \\\tnexthop via 10.9.2.3 dev ${device} weight 1`
  const routed = (device: string, inner = 'lo', routes = byBgp(device)) => {
    const texts = {
      links: `1: lo: <LOOPBACK,UP>\n2: ens18: <UP>\n3: ens19: <UP>\n4: ${inner}: <UP>`,
      addresses: `4: ${inner}    inet 192.0.2.77/32 scope global ${inner}\n2: ens18    inet 10.9.1.2/31 scope global ens18\n3: ens19    inet 10.9.2.2/31 scope global ens19`,
      routes: `${routes}\n10.42.1.10 dev cali1 scope link`,
    }
    const settings = { addresses: ['192.0.2.77'] }
    const forward = {
      ...subject({ texts }),
      host: { ...host, settings: { ...host.settings, ...settings } },
    }
    return [
      resultOf('arrival-interface', nftSubject({ texts, settings })).kind,
      resultOf('interface', forward).kind,
    ]
  }

  it('passes where routers lead packets to an address on loopback or a dummy', () => {
    expect(routed('ens18')).toEqual(['pass', 'pass'])
    expect(routed('ens18', 'dummy0')).toEqual(['pass', 'pass'])
    expect(routed('ens18', 'ens20')).toEqual(['fail', 'fail'])
  })

  it('fails where the host also leaves by a card that is not guarded', () => {
    expect(routed('ens19')).toEqual(['fail', 'fail'])
  })

  it.each([
    [
      'by a card that is not guarded',
      'default via 10.9.1.3 dev ens18\n192.0.2.0/24 via 10.9.2.3 dev ens19',
    ],
    [
      'also by a card that is not guarded',
      `default via 10.9.1.3 dev ens18\n${byBgp('ens19').replace('default', '192.0.2.12')}`,
    ],
    ['by no route', '10.9.1.2/31 dev ens18'],
  ])('fails where the host reaches other nodes %s', (_, routes) => {
    expect(routed('ens18', 'lo', routes)).toEqual(['fail', 'fail'])
  })

  it('passes where the host reaches other nodes by guarded cards only, without a default route', () => {
    expect(routed('ens18', 'lo', '192.0.2.0/24 via 10.9.1.3 dev ens18')).toEqual(['pass', 'pass'])
  })

  it('warns of another interface by which outsiders may come in', () => {
    const texts = {
      links: '2: ens18: <UP>\n3: ens19: <UP>\n4: cali1: <UP>\n5: docker0: <UP>',
      addresses:
        '2: ens18    inet 192.0.2.11/24 scope global ens18\n3: ens19    inet 198.51.100.11/24 scope global ens19\n5: docker0    inet 172.17.0.1/16 scope global docker0',
    }
    expect(resultOf('unguarded-interfaces', nftSubject({ texts }))).toMatchObject({
      kind: 'warn',
      reason: 'packets that come in by ens19 reach pods: only ens18 is guarded',
    })
  })
})

describe('unguarded-interfaces', () => {
  const judged = (name: string, texts: Readonly<Record<string, string>> = {}) =>
    resultOf(
      'unguarded-interfaces',
      nftSubject({ texts: { links: `2: ens18: <UP>\n3: ${name}: <UP>`, ...texts } }),
    )
  const withAddress = (name: string) =>
    judged(name, {
      addresses: `2: ens18    inet 192.0.2.11/24 scope global ens18\n3: ${name}    inet 10.42.1.1/24 scope global ${name}`,
    })

  it.each(['ens19', 'docker-lan', 'dummyuplink', 'kube-lan', 'podman-uplink', 'datapath1'])(
    'warns of %s',
    (name) => expect(withAddress(name).kind).toBe('warn'),
  )

  it.each([
    ...['docker0', 'docker_gwbridge', 'br-0123456789ab', 'podman0', 'cni-podman0'],
    ...['dummy0', 'ifb0', 'nodelocaldns', 'kube-ipvs0', 'kube-bridge', 'kube-dummy-if'],
    ...['nerdctl0', 'datapath', 'antrea-gw0', 'ovn-k8s-mp0', 'ovn0', 'flannel.1', 'cni0'],
    'tun-0a1b2c3d4e5',
  ])('is content with %s', (name) => expect(withAddress(name)).toEqual({ kind: 'pass' }))

  it('warns of one that has only an address of IPv6', () => {
    const global = `fd000000000000000000000000000099 03 40 00 80    ens19`
    const local = `fe800000000000000000000000000099 03 40 20 80    ens19`
    expect(judged('ens19', { ipv6: global })).toMatchObject({
      kind: 'warn',
      reason: 'packets that come in by ens19 reach pods: only ens18 is guarded',
    })
    expect(judged('ens19', { ipv6: local })).toEqual({ kind: 'pass' })
  })
})

describe('source-routes', () => {
  const judged = (text: string) =>
    resultOf('source-routes', nftSubject({ texts: { 'source-routes': text } }))

  it('warns where a guarded interface takes packets with a source route', () => {
    expect(judged('ens18\nens99')).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('come in by ens18 (sysctl'),
      remedy: expect.stringMatching(/`sysctl -w net\/ipv4\/conf\/all\/accept_source_route=0`/),
    })
    expect(judged('ens99').kind).toBe('pass')
    expect(judged('').kind).toBe('pass')
  })
})

describe('unguarded-interfaces without an address', () => {
  const judged = (filter: string, name = 'br200', more: Readonly<Record<string, string>> = {}) => {
    const links = `2: ens18: <UP>\n3: ${name}: <UP>`
    const texts = { links, 'source-filters': `all 0\nens18 0\n${filter}`, ...more }
    return resultOf('unguarded-interfaces', nftSubject({ texts }))
  }
  const zero = '0'.repeat(32)
  const ipv6 = `fd420000000000000000000000000010 80 ${zero} 00 ${zero} 00000400 00000001 00000000 00000001 cali1`

  it('warns where Linux forwards what comes in there, and says how to stop that', () => {
    expect(judged('br200 0')).toEqual({
      kind: 'warn',
      reason:
        'packets that come in by br200 reach pods: only ens18 is guarded. Linux also forwards packets that come in by an interface without an address (br200)',
      remedy: expect.stringMatching(
        /\["ens18","br200"\]\. Or run `sysctl -w net\/ipv4\/conf\/br200\/rp_filter=1`.* run `ip link set br200 down`\.$/,
      ),
    })
  })

  it('warns where pods have IPv6, for which Linux has no rp_filter', () => {
    const result = judged('br200 1', 'br200', { ipv6 })
    expect(result).toMatchObject({ kind: 'warn', remedy: expect.stringContaining('br200 down') })
    expect(result).toMatchObject({ remedy: expect.not.stringContaining('rp_filter') })
    const v4 = ipv6.replace('cali1', 'ens18')
    expect(judged('br200 1', 'br200', { ipv6: v4 }).kind).toBe('pass')
  })

  const onSubnet = '192.0.2.0/24 dev ens18 scope link src 192.0.2.11\n10.42.1.10 dev cali1'
  const withRoute = (route: string, name = 'ens19') =>
    judged(`${name} 1`, name, { routes: `${onSubnet}\n${route}` })

  it.each([
    '198.51.100.0/24 dev ens19 scope link',
    'default proto bird \\ nexthop via inet6 fe80::1 dev ens18 weight 1 \\ nexthop via inet6 fe80::2 dev ens19 weight 1',
  ])('warns whatever rp_filter is where a route leads to others by it: %s', (route) => {
    const result = withRoute(route)
    expect(result).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('without an address (ens19)'),
      remedy: expect.stringContaining('["ens18","ens19"]'),
    })
    expect(result).toMatchObject({ remedy: expect.not.stringContaining('rp_filter') })
  })

  it('names rp_filter only for interfaces where it stops all packets', () => {
    const links = '2: ens18: <UP>\n3: ens19: <UP>\n4: br200: <UP>'
    const routes = `${onSubnet}\n198.51.100.0/24 dev ens19`
    expect(judged('ens19 0\nbr200 0', '', { links, routes })).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('come in by ens19, br200 reach pods'),
      remedy: expect.stringMatching(/sysctl -w net\/ipv4\/conf\/br200\/rp_filter=1`/),
    })
  })

  it.each([
    ['pods of other hosts', '10.42.2.0/24 dev ens19', 'ens19'],
    ['members', '192.0.2.12 dev ens19', 'ens19'],
    ['nobody', 'unreachable 198.51.100.0/24 dev ens19', 'ens19'],
    ['a pod', '10.42.1.11 dev cali2 scope link', 'cali2'],
    ['pods through a tunnel of pods', '10.42.2.0/24 via 192.0.2.12 dev tunl0 onlink', 'tunl0'],
    ['containers', '172.17.0.0/16 dev docker0', 'docker0'],
  ])('passes where its routes lead to %s only', (_, route, name) => {
    expect(withRoute(route, name)).toEqual({ kind: 'pass' })
  })

  it.each([
    ['wg0: <POINTOPOINT,NOARP,UP>', 'warn'],
    ['ipsec0: <NOARP,UP> mtu 1500\\    link/none', 'warn'],
    ['gre0: <NOARP,UP> mtu 1500\\    link/gre', 'pass'],
    ['wireguard.cali: <POINTOPOINT,NOARP,UP>', 'pass'],
    ['tun-0a1b2c3d4e5: <POINTOPOINT,NOARP,UP>', 'pass'],
  ])('judges %s without routes in the main table', (link, kind) => {
    expect(judged('', '', { links: `2: ens18: <UP>\n3: ${link}` }).kind).toBe(kind)
  })

  it.each([
    ['strict', 'br200 1', 'br200', {}],
    ['loose', 'br200 2', 'br200', {}],
    ['strict for all', '', 'br200', { 'source-filters': 'all 1\nbr200 0' }],
    ['not known', '', 'br200', {}],
    ['off on one of pods', 'veth1a 0', 'veth1a', { ipv6 }],
    ['off on one of docker', 'docker0 0', 'docker0', { ipv6 }],
    ['off on one that is down', 'br200 0', 'br200', { links: '2: ens18: <UP>\n3: br200: <>' }],
    [
      'off on the port of a bridge',
      'eth7 0',
      'eth7',
      { links: '2: ens18: <UP>\n3: eth7: <UP> mtu 1500 master ens18' },
    ],
  ])('passes where rp_filter is %s', (_, filter, name, more) => {
    expect(judged(filter, name, more)).toEqual({ kind: 'pass' })
  })
})

describe('IPv6 addresses of a host', () => {
  const addr = (hex: string, flags = '80') => `${hex} 02 40 00 ${flags}    ens18`
  const own = 'fd000000000000000000000000000099'

  it('must be members where the table closes IPv6', () => {
    const about = nftSubject({ texts: { ipv6: addr(own) } })
    expect(resultOf('source-addresses', about)).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('fd00::99'),
    })
    const bare = nftSubject({ texts: { ipv6: `not-forwarding\n${addr(own)}` } })
    expect(resultOf('source-addresses', bare)).toEqual(resultOf('source-addresses', about))
    const v4 = nftSubject({ texts: { ipv6: addr(own) }, intent: { podCidrs: ['10.42.0.0/16'] } })
    expect(resultOf('source-addresses', v4).kind).toBe('pass')
  })

  // Kubespray's sample inventory names a network of IPv6 services for clusters without IPv6, too.
  it.each([
    ['lasting', addr(own)],
    ['temporary', `${addr(own, '01')}\nprefers ens18`],
  ])(
    'do not count where they are %s, on a host that does not forward them, for services alone',
    (_, ipv6) => {
      const intent = { podCidrs: ['10.42.0.0/16'], serviceCidrs: ['fd85:ee78:d8a6:8607::1000/116'] }
      const judged = (text: string, pods = {}) =>
        resultOf(
          'source-addresses',
          nftSubject({ texts: { ipv6: text }, intent: { ...intent, ...pods } }),
        ).kind
      expect(judged(ipv6)).toBe('fail')
      expect(judged(`not-forwarding\n${ipv6}`)).toBe('pass')
      expect(judged(`not-forwarding\n${ipv6}`, { otherPods: ['fd42::/56'] })).toBe('fail')
    },
  )

  it.each([
    ['link-local', addr('fe800000000000000000000000000099')],
    ['temporary', addr(own, '01')],
    ['deprecated', addr(own, 'a0')],
  ])('do not count where they are %s', (_, ipv6) => {
    expect(resultOf('source-addresses', nftSubject({ texts: { ipv6 } })).kind).toBe('pass')
  })

  it('must last where the host prefers temporary ones, which cannot be members', () => {
    const both = `${addr(own, '01')}\nprefers ens18`
    expect(resultOf('source-addresses', nftSubject({ texts: { ipv6: both } }))).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('temporary addresses of ens18, for example fd00::99'),
      remedy: expect.stringContaining('`sysctl -w net/ipv6/conf/ens18/use_tempaddr=0`'),
    })
    const v4 = nftSubject({ texts: { ipv6: both }, intent: { podCidrs: ['10.42.0.0/16'] } })
    expect(resultOf('source-addresses', v4).kind).toBe('pass')
    const elsewhere = both.replaceAll('ens18', 'ens19')
    const other = nftSubject({ texts: { ipv6: elsewhere } })
    expect(resultOf('source-addresses', other).kind).toBe('pass')
  })

  it('must not lie in a closed network', () => {
    const about = nftSubject({ texts: { ipv6: addr('fd420000000000000000000000000001') } })
    expect(resultOf('closed-networks', about)).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('addresses of nodes: fd42::1'),
    })
  })
})

describe('the addresses from which a host speaks to pods of other hosts', () => {
  const about = (routes: string, more = {}, addresses = ['192.0.2.11', '198.51.100.11']) => {
    const texts = {
      routes,
      addresses: addresses.map((one) => `2: ens18    inet ${one}/24`).join('\n'),
    }
    const { network } = nftSubject({ texts }).facts
    if (network.kind !== 'read') throw new Error(network.reason)
    const wanted = { network: network.value, barePods: ['10.42.0.0/16'], ...more }
    return resultOf('source-addresses', nftSubject({ texts, intent: wanted }))
  }
  const subnets =
    '192.0.2.0/24 dev ens18 src 192.0.2.11\n198.51.100.0/24 dev ens18 src 198.51.100.11\n'
  const stopped = { kind: 'fail', reason: expect.stringContaining(': 198.51.100.11. ') }

  it.each([
    ['by a route to pods', '10.42.2.0/24 via 198.51.100.1 dev ens18'],
    [
      'by masquerading, whatever the source of the route',
      '10.42.2.0/24 via 198.51.100.1 dev ens18 src 192.0.2.11',
    ],
    ['by the source of the route', '10.42.2.0/24 via 192.0.2.1 dev ens18 src 198.51.100.11'],
    ['by routers of the cloud', 'default via 198.51.100.1 dev ens18\n10.42.1.10 dev cali1'],
  ])('must be members where pods come without a tunnel: %s', (_, routes) => {
    expect(about(subnets + routes)).toMatchObject(stopped)
    expect(about(subnets + routes, { barePods: [] })).toEqual({ kind: 'pass' })
    expect(
      about(subnets + routes, { members: ['192.0.2.11', '192.0.2.12', '198.51.100.11'] }),
    ).toEqual({
      kind: 'pass',
    })
  })

  it.each([
    [
      'of the default route where others lead to pods',
      'default via 198.51.100.1 dev ens18\n10.42.2.0/24 via 192.0.2.12 dev ens18',
    ],
    [
      'of a route for others',
      '10.44.0.0/16 via 198.51.100.1 dev ens18\n10.42.2.0/24 via 192.0.2.12 dev ens18',
    ],
    [
      'of a wider route than the one around the pods',
      'default via 198.51.100.1 dev ens18\n10.0.0.0/8 via 192.0.2.1 dev ens18',
    ],
    [
      'of an interface that is not guarded',
      '10.0.0.0/8 via 198.51.100.1 dev ens19\ndefault via 198.51.100.1 dev ens18',
    ],
  ])('do not count as those %s', (_, routes) => {
    expect(about(subnets + routes)).toEqual({ kind: 'pass' })
  })

  it.each(['nft', 'forward'])(
    'are those of all next hops of the default route where only routers know these pods (%s)',
    (guard) => {
      const hop = (at: number) => `nexthop via 172.${at}.1.3 dev eth${at} weight 1`
      const texts = {
        links: '1: lo: <UP>\n2: eth1: <UP>\n3: eth2: <UP>\n4: eth3: <UP>',
        addresses: [
          '1: lo    inet 10.0.0.1/32',
          ...[1, 2, 3].map((at) => `${at + 1}: eth${at}    inet 172.${at}.1.2/31`),
        ].join('\n'),
        routes: `default proto bird src 10.0.0.1 \\\t${hop(1)} \\\t${hop(2)}
default via 172.3.1.3 dev eth3 proto static metric 100
10.42.1.10 dev cali1 scope link\nblackhole 10.42.1.0/26 proto bird`,
      }
      const { network } = nftSubject({ texts }).facts
      if (network.kind !== 'read') throw new Error(network.reason)
      const interfaces = ['eth1', 'eth2', 'eth3']
      const wanted = { network: network.value, interfaces, podCidrs: ['10.42.0.0/16'] }
      const judged = (...links: readonly string[]) => {
        const members = ['10.0.0.1', '10.0.0.2', ...links]
        const peers = { all: ['10.0.0.1', '10.0.0.2'], own: '10.0.0.1' }
        const about =
          guard === 'nft'
            ? nftSubject({ texts, intent: { ...wanted, members, barePods: ['10.42.0.0/16'] } })
            : subject({ texts, intent: { ...wanted, members } })
        return resultOf('source-addresses', { ...about, peers })
      }
      expect(judged('172.1.1.2')).toMatchObject({
        kind: 'fail',
        reason: expect.stringContaining('other hosts do not allow: 172.2.1.2. '),
      })
      expect(judged('172.1.1.2', '172.2.1.2')).toEqual({ kind: 'pass' })
    },
  )

  it('are not asked of the main table where the routes of a guarded interface are in another one', () => {
    const texts = {
      routes: `${subnets}default via 198.51.100.1 dev ens18`,
      links: '2: ens18: <UP>\n3: tailscale0: <UP>',
      addresses: '2: ens18    inet 198.51.100.11/24\n3: tailscale0    inet 100.64.0.11/32',
    }
    const { network } = nftSubject({ texts }).facts
    if (network.kind !== 'read') throw new Error(network.reason)
    const interfaces = ['ens18', 'tailscale0']
    const wanted = { network: network.value, barePods: ['10.42.0.0/16'], interfaces }
    expect(resultOf('source-addresses', nftSubject({ texts, intent: wanted })).kind).toBe('pass')
  })
})

describe('known-nodes', () => {
  const hex = (address: string) =>
    address
      .split(':')
      .map((word) => word.padStart(4, '0'))
      .join('')
  const to = (network: string, via: string) =>
    `${hex(network)} 40 ${'0'.repeat(32)} 00 ${hex(via)} 00000400 00000001 00000000 00000003    ens18`
  const judged = (ipv6: string, sets = '', podCidrs = nftIntent.podCidrs) => {
    const about = nftSubject({ texts: { ipv6 }, intent: { podCidrs } })
    return resultOf('known-nodes', { ...about, state: hostState(forward(), sets) })
  }
  const pods = 'fd42:0:0:2:0:0:0:0'
  const toUnknown = to(pods, 'fd00:0:0:0:0:0:0:99')

  it('fails for a node without membership behind a gateway of IPv6', () => {
    expect(judged(toUnknown)).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('the guard does not allow: fd00::99.'),
    })
    expect(judged(toUnknown, '', ['10.42.0.0/16']).kind).toBe('pass')
  })

  it.each(['cali60all-hosts-net', 'cali60all-vxlan-net'])('fails for one in %s', (name) => {
    const set = `create ${name} hash:net family inet6\nadd ${name} fd00::99\nadd ${name} fd00::11`
    expect(judged('', set)).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('the guard does not allow: fd00::99.'),
    })
    expect(judged('', set, ['10.42.0.0/16']).kind).toBe('pass')
  })

  it.each([
    ['a member', to(pods, 'fd00:0:0:0:0:0:0:11')],
    ['a link-local address', to(pods, 'fe80:0:0:0:0:0:0:99')],
    ['a router to members', `${toUnknown}\n${to('fd00:0:0:0:0:0:0:0', 'fd00:0:0:0:0:0:0:99')}`],
    [
      'a router to all pods',
      to('fd42:0:0:0:0:0:0:0', 'fd00:0:0:0:0:0:0:99').replace(' 40 ', ' 38 '),
    ],
    ['one of two routers to the same pods', `${toUnknown}\n${to(pods, 'fd00:0:0:0:0:0:0:98')}`],
  ])('passes where the gateway is %s', (_, ipv6) => expect(judged(ipv6).kind).toBe('pass'))

  describe('with pods that come without a tunnel', () => {
    const subnet =
      '192.0.2.0/24 dev ens18 scope link src 192.0.2.11\ndefault via 192.0.2.1 dev ens18'
    const hops = (...gateways: readonly string[]) =>
      gateways.map((via) => `\\\tnexthop via ${via} dev ens18 weight 1 `).join('')
    const judgedOn = (
      guard: string,
      routes: string,
      accept: InventoryHost['settings']['accept'] = [],
      sets = '',
    ) => {
      const texts = { routes: `${subnet}\n${routes}` }
      const { network } = nftSubject({ texts }).facts
      if (network.kind !== 'read') throw new Error(network.reason)
      const wanted = { network: network.value, podCidrs: ['10.42.0.0/16'] }
      const about =
        guard === 'nft' ? nftSubject({ texts, intent: wanted }) : subject({ texts, intent: wanted })
      const settings = { ...about.host.settings, accept }
      return findings(
        { ...about, host: { ...about.host, settings }, state: hostState(forward(), sets) },
        'change',
      ).find(({ id }) => id === 'known-nodes')
    }
    const both = `10.42.9.0/26 proto bird ${hops('192.0.2.2', '192.0.2.3')}`

    it.each(['nft', 'forward'])('takes no router for a node (%s)', (guard) => {
      expect(judgedOn(guard, both)?.result).toEqual({ kind: 'pass' })
      expect(judgedOn(guard, '10.42.0.0/16 via 192.0.2.2 dev ens18')?.result.kind).toBe('pass')
    })

    it.each([
      ['192.0.2.2', `${both}\n10.42.8.0/26 via 192.0.2.2 dev ens18 proto bird`],
      ['192.0.2.3', `10.42.9.0/26 proto bird ${hops('192.0.2.12', '192.0.2.3')}`],
      [
        '192.0.2.2, 192.0.2.3',
        '10.42.0.0/17 via 192.0.2.2 dev ens18\n10.42.128.0/17 via 192.0.2.3 dev ens18',
      ],
    ])('fails for %s where it may be a node, until known-nodes is accepted', (gateways, routes) => {
      const reason = expect.stringContaining(`the guard does not allow: ${gateways}.`)
      const remedy = expect.stringMatching(
        / routers and not nodes, add known-nodes to fw_accept\. Then run the same/,
      )
      expect(judgedOn('nft', routes)?.result).toEqual({ kind: 'fail', reason, remedy })
      expect(judgedOn('nft', routes, ['known-nodes'])).toEqual({
        ...{ id: 'known-nodes', accepted: true },
        result: { kind: 'warn', reason, remedy },
      })
    })

    it('fails whatever is accepted where Calico knows such a node', () => {
      const sets =
        'create cali40all-hosts-net hash:net family inet\nadd cali40all-hosts-net 192.0.2.99'
      const { result } = judgedOn('nft', both, ['known-nodes'], sets) ?? {}
      expect(result).toMatchObject({
        kind: 'fail',
        remedy: expect.not.stringContaining('fw_accept'),
      })
    })
  })
})

describe('closed-networks', () => {
  it.each([
    ['no pod network is known', { podCidrs: [] }, /found no pod network/],
    ['a pod has an address outside', { podCidrs: ['10.43.0.0/16'] }, /does not close: 10\.42/],
    [
      'it holds a node',
      { podCidrs: ['10.42.0.0/16', '192.0.2.12/32'] },
      /would close addresses of nodes: 192\.0\.2\.12/,
    ],
    [
      'it holds a further member',
      { members: ['192.0.2.11', '10.42.0.9'] },
      /would close addresses of nodes: 10\.42\.0\.9/,
    ],
    [
      'a network of services holds a node',
      { serviceCidrs: ['fd00::/112'] },
      /would close addresses of nodes: fd00::11/,
    ],
    [
      'it holds the network of the nodes',
      { members: ['198.51.100.1'], serviceCidrs: ['192.0.2.0/23'] },
      /would close (addresses of nodes: 192\.0\.2\.11|the network of ens18)/,
    ],
  ])('fails where %s', (_, intent, reason) => {
    expect(resultOf('closed-networks', nftSubject({ intent }))).toMatchObject({
      kind: 'fail',
      reason: expect.stringMatching(reason),
    })
  })

  it('warns where pods have IPv6 and no node of the inventory has', () => {
    const members = ['192.0.2.11', '192.0.2.12']
    const zero = '0'.repeat(32)
    const ipv6 = `fd420000000000000000000000000010 80 ${zero} 00 ${zero} 00000400 00000001 00000000 00000001 cali1`
    expect(
      resultOf('closed-networks', nftSubject({ texts: { ipv6 }, intent: { members } })),
    ).toEqual({
      kind: 'warn',
      reason: expect.stringContaining('closes fd42::/56, but the inventory names no IPv6 address'),
      remedy: expect.stringContaining('fw_addresses'),
    })
    expect(resultOf('closed-networks', nftSubject({ texts: { ipv6 } })).kind).toBe('pass')
    const unforwarded = nftSubject({ intent: { members } })
    expect(resultOf('closed-networks', unforwarded).kind).toBe('pass')
  })

  const zero = '0'.repeat(32)
  const route6 = (hex: string, length: string, device: string) =>
    `${hex.padEnd(32, '0')} ${length} ${zero} 00 ${zero} 00000400 00000001 00000000 00000001 ${device}`

  it.each(['kube-bridge', 'antrea-gw0', 'ovn-k8s-mp0'])(
    'fails where the network of pods on %s is outside',
    (device) => {
      const texts = {
        routes: `192.0.2.0/24 dev ens18 scope link src 192.0.2.11\n10.244.1.0/24 dev ${device} proto kernel scope link src 10.244.1.1`,
        ipv6: route6('fd44', '40', device),
      }
      expect(resultOf('closed-networks', nftSubject({ texts }))).toMatchObject({
        kind: 'fail',
        reason: expect.stringContaining('does not close: 10.244.1.0/24, fd44::/64'),
      })
    },
  )

  it('fails where a subnet of Kube-OVN is outside, with and without a gateway', () => {
    const texts = {
      addresses: '3: ovn0    inet 100.64.0.2/16 scope global ovn0',
      links: '2: ens18: <UP>\n3: ovn0: <UP>',
      routes: [
        '192.0.2.0/24 dev ens18 scope link src 192.0.2.11',
        '100.64.0.0/16 dev ovn0 proto kernel scope link src 100.64.0.2',
        '10.42.0.0/16 via 100.64.0.1 dev ovn0 src 192.0.2.11',
        '10.66.0.0/16 via 100.64.0.1 dev ovn0 src 192.0.2.11',
        '10.67.0.0/16 dev ovn0 src 100.64.0.2',
      ].join('\n'),
      ipv6: [
        'fd640000000000000000000000000002 03 70 00 80    ovn0',
        route6('fd64', '70', 'ovn0'),
        route6('fd66', '70', 'ovn0'),
      ].join('\n'),
    }
    expect(resultOf('closed-networks', nftSubject({ texts }))).toMatchObject({
      kind: 'fail',
      reason: expect.stringMatching(
        /does not close: 10\.66\.0\.0\/16, 10\.67\.0\.0\/16, fd66::\/112$/,
      ),
    })
  })

  it('takes no service network or join network of a virtual switch for one of pods', () => {
    const texts = {
      routes: [
        '192.0.2.0/24 dev ens18 scope link src 192.0.2.11',
        '10.42.1.0/24 dev antrea-gw0 proto kernel scope link src 10.42.1.1',
        '169.254.0.253 dev antrea-gw0 scope link',
        '10.96.0.0/12 via 169.254.0.253 dev antrea-gw0 onlink',
        '172.30.0.0/16 via 10.42.1.1 dev ovn-k8s-mp0 mtu 1400',
        '100.64.0.0/16 dev ovn0 proto kernel scope link src 100.64.0.2',
      ].join('\n'),
      links: '2: ens18: <UP>\n3: ovn0: <UP>',
      addresses: '3: ovn0    inet 100.64.0.2/16 scope global ovn0',
      ipv6: route6('fc010000000000000000aabbccddeeff', '80', 'antrea-gw0'),
    }
    expect(resultOf('closed-networks', nftSubject({ texts }))).toEqual({ kind: 'pass' })
  })

  it('passes where a route sends the network of services out by the guarded interface', () => {
    const routes =
      '192.0.2.0/24 dev ens18 scope link src 192.0.2.11\n10.43.0.0/16 dev ens18 scope link'
    const texts = { routes, ipv6: route6('fd43', '70', 'ens18') }
    const intent = { serviceCidrs: ['10.43.0.0/16', 'fd43::/112'] }
    expect(resultOf('closed-networks', nftSubject({ texts, intent }))).toEqual({ kind: 'pass' })
  })

  it('warns where a network of services is in the IPv6 network of the nodes', () => {
    const own = 'fd000000000000000000000000000011 02 40 00 80    ens18'
    const texts = { ipv6: `${own}\n${route6('fd00', '40', 'ens18')}` }
    const intent = { serviceCidrs: ['fd00::ff00/120'] }
    expect(resultOf('closed-networks', nftSubject({ texts, intent }))).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('a part of the network of ens18 (fd00::/64)'),
    })
  })

  /** Rules that name no pod network. */
  const withoutPods = forward().filter((rule) => !rule.includes('10.42.'))

  /** A host by its routes, with these pools of Calico. */
  const about = (
    routes: string,
    pools: readonly string[],
    wanted: { readonly podCidrs: readonly string[]; readonly [name: string]: unknown },
    given = true,
  ) => {
    const links = '2: ens18: <UP>\n3: ens19: <UP>\n4: vxlan.calico: <UP>\n5: cali1: <UP>'
    const addresses = `2: ens18    inet ${/src (\S+)/.exec(routes)?.[1]}/24 scope global ens18`
    const set = 'cali40all-ipam-pools'
    const sets = [`create ${set} hash:net family inet`, ...pools.map((one) => `add ${set} ${one}`)]
    const subject = nftSubject({
      texts: { links, addresses, routes },
      settings: { podCidrs: given ? wanted.podCidrs : [], addresses: [] },
      intent: { serviceCidrs: [], ...wanted },
    })
    return { ...subject, state: hostState(withoutPods, sets.join('\n')) }
  }
  /** The same host, with a route to pods by IPv6. */
  const withIpv6 = (subject: ReturnType<typeof about>) => {
    const { ipv6 } = nftSubject({ texts: { ipv6: route6('fd42', '40', 'cali1') } }).facts
    return { ...subject, facts: { ...subject.facts, ipv6 } }
  }
  const inLan = [
    'default via 192.168.1.1 dev ens18',
    '192.168.1.0/24 dev ens18 proto kernel scope link src 192.168.1.11',
    'blackhole 192.168.219.64/26 proto 80',
    '192.168.219.65 dev cali1 scope link',
    '192.168.104.0/26 via 192.168.104.0 dev vxlan.calico onlink',
  ].join('\n')
  const members = ['192.168.1.11', '192.168.1.12']
  const wholePool = ['192.168.0.0/16']

  it('fails where the default pool of Calico holds the nodes, and passes with what the remedy says', () => {
    const result = resultOf(
      'closed-networks',
      about(inLan, wholePool, { podCidrs: wholePool, members }),
    )
    expect(result).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('addresses of nodes: 192.168.1.11, 192.168.1.12.'),
    })
    const remedy = result.kind === 'fail' ? result.remedy : ''
    const [, list = ''] = /^Set fw_pod_cidrs to (\[.+\]): /.exec(remedy) ?? []
    const podCidrs = JSON.parse(list)
    expect(podCidrs).toHaveLength(8)
    const mended = about(inLan, wholePool, { podCidrs, members })
    expect(resultOf('closed-networks', mended)).toEqual({ kind: 'pass' })
    // A pod in the network of the nodes is still found.
    const broken = `${inLan}\n192.168.1.130 dev cali2 scope link`
    expect(
      resultOf('closed-networks', about(broken, wholePool, { podCidrs, members })),
    ).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('does not close: 192.168.1.130/32'),
    })
  })

  it('warns where a pod network is closed only in part', () => {
    const podCidrs = ['192.168.64.0/18', '192.168.192.0/18']
    const part = about(inLan, wholePool, { podCidrs, members })
    expect(resultOf('closed-networks', part)).toEqual({ kind: 'pass' })
    expect(resultOf('open-networks', part)).toEqual({
      kind: 'warn',
      reason: expect.stringMatching(
        /does not close all addresses of pod networks .*: 192\.168\.0\.0\/16$/,
      ),
      remedy: expect.stringMatching(
        /add these networks to fw_pod_cidrs.*add open-networks to fw_accept/,
      ),
    })
  })

  it('lets nodes of several subnets be told apart by hand', () => {
    const more = [...members, '192.168.2.13']
    const whole = about(inLan, wholePool, { podCidrs: wholePool, members: more })
    expect(resultOf('closed-networks', whole)).toMatchObject({
      kind: 'fail',
      remedy: expect.stringMatching(/^Correct fw_pod_cidrs/),
    })
    // The remedy of closed-networks already names these networks.
    expect(resultOf('open-networks', whole).kind).toBe('unjudged')
    const parts = about(inLan, wholePool, {
      podCidrs: ['192.168.64.0/18', '192.168.192.0/18'],
      members: more,
    })
    expect(resultOf('closed-networks', parts)).toEqual({ kind: 'pass' })
    expect(resultOf('open-networks', parts).kind).toBe('warn')
  })

  const elsewhere = inLan.replaceAll('192.168.1.', '10.1.1.').replaceAll('192.168.', '172.16.')
  const nodes = ['10.1.1.11', '10.1.1.12']

  it.each([
    ['of load balancers', '10.20.40.0/24'],
    ['that only names what Calico must not masquerade', '10.0.0.0/8'],
  ])('leaves a pool %s open: it warns until fw_pod_cidrs is set', (_, pool) => {
    const wanted = { podCidrs: ['172.16.0.0/16'], members: nodes }
    const pools = ['172.16.0.0/16', pool]
    const found = about(elsewhere, pools, wanted, false)
    expect(resultOf('closed-networks', found)).toEqual({ kind: 'pass' })
    expect(resultOf('open-networks', found)).toEqual({
      kind: 'warn',
      reason: expect.stringContaining(`whether they are for pods: ${pool}`),
      remedy: expect.stringContaining('set fw_pod_cidrs for that host to ["172.16.0.0/16"]. '),
    })
    expect(resultOf('open-networks', about(elsewhere, pools, wanted))).toEqual({ kind: 'pass' })
  })

  it('does not accept an open pool where closed-networks is accepted for another reason', () => {
    const wanted = { podCidrs: ['172.16.0.0/16', 'fd42::/56'], members: nodes }
    const found = about(elsewhere, ['172.16.0.0/16', '10.20.40.0/24'], wanted, false)
    const settings = { ...found.host.settings, accept: ['closed-networks'] }
    const accepting = withIpv6({ ...found, host: { ...found.host, settings } })
    const warned = findings(accepting, 'change').filter(({ result }) => result.kind === 'warn')
    expect(warned.map(({ id, accepted }) => [id, accepted])).toEqual(
      expect.arrayContaining([
        ['closed-networks', true],
        ['open-networks', undefined],
      ]),
    )
  })

  it('fails for a pod in such a pool', () => {
    const routes = `${elsewhere}\n10.20.40.7 dev cali2 scope link`
    const wanted = { podCidrs: ['172.16.0.0/16'], members: nodes }
    const pools = ['172.16.0.0/16', '10.20.40.0/24']
    expect(resultOf('closed-networks', about(routes, pools, wanted))).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('does not close: 10.20.40.7/32'),
      remedy: expect.stringMatching(/^Add their networks to fw_pod_cidrs/),
    })
    // Set to that network alone, fw_pod_cidrs would open those that were found.
    expect(resultOf('closed-networks', about(routes, pools, wanted, false))).toMatchObject({
      kind: 'fail',
      remedy: expect.stringContaining('to ["172.16.0.0/16"], and add the networks of these pods'),
    })
  })

  it('takes an address that no node speaks from, as the cloud gives interfaces for pods, for none of a node', () => {
    const texts = {
      links: '2: ens18: <UP>\n3: ens19: <UP>\n4: eni0123456789a: <UP>',
      addresses:
        '2: ens18    inet 192.0.2.11/24 scope global\n3: ens19    inet 100.64.12.10/19 scope global',
      routes:
        'default via 192.0.2.1 dev ens18\n192.0.2.0/24 dev ens18 scope link src 192.0.2.11\n100.64.12.34 dev eni0123456789a scope link',
    }
    const cloud = { interfaces: ['ens18', 'ens19'], podCidrs: ['100.64.0.0/16'] }
    const judged = (routes: string) =>
      resultOf('closed-networks', {
        ...nftSubject({ texts: { ...texts, routes }, intent: cloud }),
        state: hostState(withoutPods),
      })
    expect(judged(texts.routes)).toEqual({ kind: 'pass' })
    expect(judged(`${texts.routes}\n192.0.2.12 dev ens19 src 100.64.12.10`)).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('addresses of nodes: 100.64.12.10'),
    })
  })

  it('fails for a guarded network that a pod network holds, though no node is known there', () => {
    const routes = `${elsewhere}\n172.16.60.0/24 dev ens19 proto kernel scope link src 172.16.60.1`
    const wanted = { podCidrs: ['172.16.0.0/16'], members: nodes, interfaces: ['ens18', 'ens19'] }
    const two = about(routes, ['172.16.0.0/16'], wanted)
    const { intent } = two
    if (intent.kind !== 'nft') throw new Error(intent.kind)
    const interfaces = intent.network.interfaces.map((one) =>
      one.name === 'ens19' ? { ...one, addresses: ['172.16.60.1'] } : one,
    )
    const network = { ...intent.network, interfaces }
    expect(resultOf('closed-networks', { ...two, intent: { ...intent, network } })).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('the network of ens19 (172.16.60.0/24)'),
    })
  })

  it.each([
    [
      'the network of this host',
      '192.0.0.0/16',
      /contains the network of ens18 \(192\.0\.2\.0\/24\)\. .*allow 192\.0\.0\.0\/16 as sources/,
    ],
    [
      'a node in another network',
      '198.51.0.0/16',
      /contains addresses of nodes: 198\.51\.100\.12\. .*allow 198\.51\.0\.0\/16 as sources/,
    ],
  ])('fails where another host names %s as pods, and pods come bare', (_, cidr, reason) => {
    const wanted = (barePods: readonly string[]) =>
      nftSubject({
        intent: { podCidrs: ['10.42.0.0/16'], members: [...nodes, '198.51.100.12'], barePods },
      })
    const judged = (...barePods: readonly string[]) =>
      resultOf('closed-networks', wanted(['10.42.0.0/16', ...barePods]))
    expect(judged(cidr)).toMatchObject({
      kind: 'fail',
      reason: expect.stringMatching(reason),
      remedy: expect.stringContaining('Correct fw_pod_cidrs of the other hosts'),
    })
    expect(judged('10.50.0.0/16').kind).not.toBe('fail')
  })

  it.each(['192.0.0.0/16', '198.51.0.0/16'])(
    'fails where another host names nodes as pods (%s), and pods come by a tunnel',
    (cidr) => {
      const members = [...nodes, '198.51.100.12']
      const intent = { podCidrs: ['10.42.0.0/16'], members, otherPods: [cidr] }
      expect(resultOf('closed-networks', nftSubject({ intent }))).toMatchObject({
        kind: 'fail',
        reason: expect.stringContaining('So the guard would close these addresses'),
        remedy: expect.stringContaining('Correct fw_pod_cidrs of the other hosts'),
      })
    },
  )

  it('warns where another host names a part of the network of this host, until a route leads there', () => {
    const judged = (...routes: readonly string[]) => {
      const flat = [
        '192.0.2.0/24 dev ens18 scope link src 192.0.2.11',
        '10.42.1.10 dev cali1 scope link',
      ]
      const texts = { routes: [...flat, ...routes].join('\n') }
      const others = ['192.0.2.128/25']
      const intent = { podCidrs: ['10.42.0.0/16'], otherPods: others, barePods: others }
      return resultOf('closed-networks', nftSubject({ texts, intent }))
    }
    expect(judged()).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining(
        'a part of the network of ens18 (192.0.2.0/24), because fw_pod_cidrs of other hosts contains it: 192.0.2.128/25',
      ),
    })
    const byDefault = 'default via 192.0.2.1 dev ens18'
    expect(judged(byDefault, `${byDefault} metric 100`)).toEqual(judged())
    expect(judged('192.0.2.128/25 via 192.0.2.12 dev ens18').kind).toBe('pass')
  })

  it('takes pods in a part of a flat network, and warns only of what has no route to pods', () => {
    const flat = [
      '10.0.0.0/8 dev ens18 proto kernel scope link src 10.1.1.11',
      '10.42.0.0/24 dev cni0 proto kernel scope link src 10.42.0.1',
      '10.42.1.0/24 via 10.42.1.0 dev flannel.1 onlink',
    ].join('\n')
    const podCidrs = ['10.42.0.0/16']
    const of = (wanted: object) =>
      resultOf('closed-networks', about(flat, [], { podCidrs, members: nodes, ...wanted }))
    expect(of({})).toEqual({ kind: 'pass' })
    expect(of({ serviceCidrs: ['10.43.0.0/16'] })).toEqual({
      kind: 'warn',
      reason: expect.stringContaining(
        'closes a part of the network of ens18 (10.0.0.0/8): 10.43.0.0/16',
      ),
      remedy: expect.stringContaining('add closed-networks to fw_accept'),
    })
    expect(of({ podCidrs: ['10.0.0.0/8'] }).kind).toBe('fail')
    const both = { podCidrs: [...podCidrs, 'fd42::/56'], serviceCidrs: ['10.43.0.0/16'] }
    const two = withIpv6(about(flat, [], { ...both, members: nodes }))
    expect(resultOf('closed-networks', two)).toMatchObject({
      kind: 'warn',
      remedy: expect.stringMatching(
        /to fw_accept\. .*fw_accept accepts all these warnings .* at once/,
      ),
    })
  })

  it('fails where a pod has an IPv6 address outside', () => {
    const to = 'fd430000000000000000000000000010'
    const nothing = '0'.repeat(32)
    const line = `${to} 80 ${nothing} 00 ${nothing} 00000400 00000001 00000000 00000001 cali1`
    expect(resultOf('closed-networks', nftSubject({ texts: { ipv6: line } }))).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('fd43::10/128'),
    })
  })
})

describe('service-networks', () => {
  const nat = (...rules: readonly string[]) =>
    `*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\n:KUBE-SVC-A - [0:0]\n-A PREROUTING -j KUBE-SERVICES\n${rules.join('\n')}\n-A KUBE-SVC-A -j DNAT --to-destination 10.42.1.10:80\nCOMMIT`
  const clusterIp = (address: string) =>
    `-A KUBE-SERVICES -d ${address}/32 -p tcp -m comment --comment "default/web cluster IP" -m tcp --dport 80 -j KUBE-SVC-A`
  const loadBalancer = (address: string) =>
    `-A KUBE-SERVICES -d ${address}/32 -p tcp -m comment --comment "default/web loadbalancer IP" -m tcp --dport 80 -j KUBE-SVC-A`
  const unknown = { serviceCidrs: [] }

  it('warns where the inventory names no network of services, with what the control plane says', () => {
    const about = nftSubject({
      services: nat(clusterIp('10.43.0.1')),
      texts: { 'service-range': '"10.43.0.0/16,fd43::/112"\nnonsense' },
      intent: unknown,
    })
    expect(resultOf('service-networks', about)).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('for example 10.43.0.1'),
      remedy: expect.stringContaining('to ["10.43.0.0/16","fd43::/112"]: the control plane'),
    })
    const elsewhere = nftSubject({ intent: unknown })
    expect(resultOf('service-networks', elsewhere)).toMatchObject({
      remedy: expect.stringContaining('service-cluster-ip-range'),
    })
  })

  it('fails for a ClusterIP that the table would leave open', () => {
    const about = nftSubject({ services: nat(clusterIp('10.43.0.1'), clusterIp('10.96.0.1')) })
    expect(resultOf('service-networks', about)).toMatchObject({
      kind: 'fail',
      reason: 'the guard closes 10.43.0.0/16, but there are other ClusterIPs: 10.96.0.1',
    })
  })

  it('counts what kube-proxy in nftables mode tells, and warns where it could not be asked', () => {
    const printed = `table ip kube-proxy {
	set cluster-ips {
		type ipv4_addr
		comment "Active ClusterIPs"
		elements = { 10.43.0.1, 10.43.0.80,
			     10.44.0.1 }
	}
}
table ip kube-proxy {
	chain cluster-ips-check {
		ip daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"
		ip daddr { 10.43.0.0/16, 10.44.0.0/16 } drop comment "Drop traffic to unallocated ClusterIPs"
	}
}`
    const about = (text: string, intent = {}) =>
      resultOf('service-networks', nftSubject({ texts: { 'native-services': text }, intent }))
    expect(about(printed)).toMatchObject({
      kind: 'fail',
      reason:
        'the guard closes 10.43.0.0/16, but there are other ClusterIPs: 10.44.0.1, 10.44.0.0/16',
    })
    expect(about(printed, unknown)).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('for example 10.43.0.1'),
      remedy: expect.stringContaining('to ["10.43.0.0/16","10.44.0.0/16"]'),
    })
    expect(about(printed.replaceAll('10.44.', '10.43.')).kind).toBe('pass')
    const failed = { text: 'nft list set failed with exit code 139', code: 1 }
    const unread = nftSubject({ texts: { 'native-services': failed } })
    expect(resultOf('service-networks', unread)).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('exit code 139'),
    })
  })

  it.each([
    ['kube-proxy in IPVS mode', 'kube-ipvs0', '<BROADCAST,NOARP>'],
    ['kube-router', 'kube-dummy-if', '<BROADCAST,NOARP,UP>'],
  ])(
    'fails where %s has no address in the network, as load balancers may be outside',
    (_, name, flags) => {
      const about = (addresses: readonly string[], serviceCidrs = ['10.43.0.0/16']) => {
        const texts = {
          links: `2: ens18: <UP>\n5: ${name}: ${flags}`,
          addresses: [
            '2: ens18    inet 192.0.2.11/24',
            ...addresses.map((one) => `5: ${name}    inet ${one}/32`),
          ].join('\n'),
          // An interface that is up has a link-local address, which is of no service.
          ipv6: `fe80${'0'.repeat(27)}1 05 40 20 80 ${name}`,
        }
        return resultOf('service-networks', nftSubject({ texts, intent: { serviceCidrs } }))
      }
      expect(about(['198.51.100.7', '10.43.0.1']).kind).toBe('pass')
      expect(about(['10.96.0.1', '10.96.0.10'])).toMatchObject({
        kind: 'fail',
        reason:
          'the guard closes 10.43.0.0/16, but there are other ClusterIPs: 10.96.0.1, 10.96.0.10',
      })
      expect(about(['10.96.0.1'], [])).toMatchObject({
        kind: 'warn',
        reason: expect.stringContaining('for example 10.96.0.1'),
      })
    },
  )

  it('judges addresses of IPv6 that kube-proxy in IPVS mode binds apart from those of IPv4', () => {
    const texts = {
      links: '2: ens18: <UP>\n5: kube-ipvs0: <BROADCAST,NOARP>',
      addresses: '2: ens18    inet 192.0.2.11/24\n5: kube-ipvs0    inet 10.43.0.1/32',
      ipv6: `fd43${'0'.repeat(27)}1 05 80 00 80 kube-ipvs0`,
    }
    const about = (...serviceCidrs: readonly string[]) =>
      resultOf('service-networks', nftSubject({ texts, intent: { serviceCidrs } }))
    expect(about('10.43.0.0/16')).toMatchObject({
      kind: 'fail',
      reason: 'the guard closes 10.43.0.0/16, but there are other ClusterIPs: fd43::1',
    })
    expect(about('10.43.0.0/16', 'fd43::/112').kind).toBe('pass')
  })

  it('fails for a load balancer that the table would close, and says by which setting', () => {
    const services = nat(clusterIp('10.43.0.1'), loadBalancer('10.43.200.1'))
    const about = nftSubject({ services })
    expect(resultOf('service-networks', about)).toMatchObject({
      kind: 'fail',
      reason: expect.stringMatching(/load balancers.*: 10\.43\.200\.1$/),
      remedy: expect.stringMatching(/fw_service_cidrs to .* fw_services: open/),
    })
    const ofPods = nftSubject({ services: nat(loadBalancer('10.42.200.1')) })
    expect(resultOf('service-networks', ofPods)).toMatchObject({
      kind: 'fail',
      remedy: 'Set fw_pod_cidrs to smaller networks, without these addresses.',
    })
    const elsewhere = nftSubject({ services: nat(loadBalancer('198.51.100.7')) })
    expect(resultOf('service-networks', elsewhere).kind).toBe('pass')
  })

  it('passes where services shall be open', () => {
    const about = nftSubject({ settings: { services: 'open' }, intent: unknown })
    expect(resultOf('service-networks', about).kind).toBe('pass')
  })
})

describe('pod-sources', () => {
  it('warns of bare pods, whose addresses others can forge', () => {
    const about = nftSubject({ intent: { barePods: ['10.42.0.0/16'] } })
    expect(resultOf('pod-sources', about)).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('allows 10.42.0.0/16'),
    })
  })

  it.each([
    [
      'up',
      '<POINTOPOINT,UP>',
      /^Calico uses WireGuard .* hosts without WireGuard would come in by/,
    ],
    ['down', '<POINTOPOINT>', /^packets from pods of other hosts come in by/],
  ])('says what WireGuard of Calico changes if it is %s', (_, flags, reason) => {
    const texts = { links: `2: ens18: <UP>\n9: wireguard.cali: ${flags}` }
    const { network } = nftSubject({ texts }).facts
    if (network.kind !== 'read') throw new Error(network.reason)
    const intent = { barePods: ['10.42.0.0/16'], network: network.value }
    expect(resultOf('pod-sources', nftSubject({ texts, intent }))).toMatchObject({
      kind: 'warn',
      reason: expect.stringMatching(reason),
      remedy: expect.not.stringContaining('WireGuard'),
    })
  })

  it('names few of the networks, because each of thousands of hosts may have one of its own', () => {
    const networks = Array.from(
      { length: 400 },
      (_, at) => `10.${64 + (at >> 7)}.${(at & 127) * 2}.0/24`,
    )
    const allowed = resultOf('pod-sources', nftSubject({ intent: { barePods: networks } }))
    expect(allowed).toMatchObject({ reason: expect.stringMatching(/ and 390 more as sources/) })
    expect(allowed).toMatchObject({ reason: expect.not.stringContaining('10.65.') })
    const texts = { routes: 'default via 192.0.2.1 dev ens18' }
    expect(
      resultOf('stopped-sources', nftSubject({ texts, intent: { podCidrs: networks } })),
    ).toMatchObject({ reason: expect.stringMatching(/to pods in .* and 390 more yet/) })
  })

  it('says where it allows pods only because routes are in another table, and who may accept that', () => {
    const about = (interfaces: readonly string[]) => {
      const texts = {
        routes: 'default via 192.0.2.1 dev ens18\n10.42.1.10 dev cali1 scope link',
        links: '2: ens18: <UP>\n3: tailscale0: <UP>',
        addresses: '2: ens18    inet 192.0.2.11/24\n3: tailscale0    inet 100.64.0.11/32',
      }
      const intent = { interfaces, barePods: ['10.42.0.0/16'] }
      return resultOf('pod-sources', nftSubject({ texts, intent }))
    }
    expect(about(['tailscale0'])).toMatchObject({
      kind: 'warn',
      reason: expect.stringMatching(
        /^the main routing table has no IPv4 route by tailscale0, .* If no VPN checks source/,
      ),
      remedy: expect.stringContaining('add pod-sources to fw_accept'),
    })
    expect(about(['tailscale0', 'ens18'])).toMatchObject({
      reason: expect.stringMatching(/^packets from pods of other hosts come in by/),
    })
  })

  const judged = (filters: string, routes: string, more = {}) => {
    const texts = {
      routes,
      links: '2: ens18: <UP>\n3: ens19: <UP>',
      'source-filters': filters,
    }
    const { network } = nftSubject({ texts }).facts
    if (network.kind !== 'read') throw new Error(network.reason)
    const intent = { interfaces: ['ens18', 'ens19'], barePods: ['10.42.0.0/16'], ...more }
    return resultOf(
      'pod-sources',
      nftSubject({ texts, intent: { ...intent, network: network.value } }),
    )
  }
  const bare = '10.42.1.10 dev cali1 scope link\n10.42.2.0/24 via 192.0.2.12 dev ens18'

  it('says where strict rp_filter stops forged addresses, by the higher one of two values', () => {
    const result = judged('all 1\nens18 0\nens19 2', bare)
    expect(result).toMatchObject({
      reason: expect.stringMatching(
        /On ens18, the sysctl rp_filter=1 stops only packets that pretend to come from pods of this host\. It is set there\. On ens19, the sysctl rp_filter=1 is not set\. It would stop all packets that pretend to come from pods$/,
      ),
      remedy: expect.stringMatching(
        /`sysctl -w net\/ipv4\/conf\/ens19\/rp_filter=1` on that host\. To keep this after a reboot, .* With rp_filter=1, the host also drops .* leaves by another interface/,
      ),
    })
    const strict = judged('all 0\nens18 0\nens19 1', bare)
    expect(strict).toMatchObject({
      reason: expect.stringMatching(/come from pods of this host\. It is not set on ens18$/),
      remedy: expect.not.stringContaining('sysctl'),
    })
  })

  it('changes the value of all first where that decides', () => {
    expect(judged('all 2\nens18 1\nens19 0', bare)).toMatchObject({
      reason: expect.stringContaining(
        'It is not set on ens18. On ens19, the sysctl rp_filter=1 is not set',
      ),
      remedy: expect.stringMatching(
        /`sysctl -w net\/ipv4\/conf\/all\/rp_filter=0 net\/ipv4\/conf\/ens19\/rp_filter=1` on that host\. This also sets `all` to 0/,
      ),
    })
  })

  it('says that there is none for IPv6, and nothing where the host does not tell', () => {
    expect(
      judged('all 1\nens18 1', '192.0.2.0/24 dev ens18', { barePods: ['fd42::/56'] }),
    ).toMatchObject({
      reason: expect.stringContaining('no rp_filter for IPv6'),
    })
    expect(judged('', bare)).toMatchObject({ reason: expect.not.stringContaining('rp_filter') })
  })
})

describe('stopped-sources', () => {
  it('warns where it is not known yet whether pods of other hosts are bare', () => {
    const texts = { routes: 'default via 192.0.2.1 dev ens18' }
    const { network } = nftSubject({ texts }).facts
    if (network.kind !== 'read') throw new Error(network.reason)
    const about = nftSubject({ texts, intent: { network: network.value } })
    expect(resultOf('stopped-sources', about)).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('does not know how packets from pods of other hosts'),
      remedy: expect.stringMatching(/^Run `fw-run apply` again as soon as a pod runs on that host/),
    })
    const alone = { ...about, peers: { all: ['192.0.2.11'], own: '192.0.2.11' } }
    expect(resultOf('stopped-sources', alone)).toEqual({ kind: 'pass' })
  })

  it('warns where a tunnel is up, and nothing shows whether it leads to hosts in the same subnet', () => {
    const texts = {
      routes:
        'default via 192.0.2.1 dev ens18\n192.0.2.0/24 dev ens18 scope link src 192.0.2.11\nblackhole 10.42.1.0/26',
      links: '2: ens18: <UP>\n9: vxlan.calico: <UP>',
    }
    const { network } = nftSubject({ texts }).facts
    if (network.kind !== 'read') throw new Error(network.reason)
    const about = nftSubject({ texts, intent: { network: network.value } })
    expect(resultOf('stopped-sources', about)).toMatchObject({
      kind: 'warn',
      reason: expect.stringMatching(
        /same subnet, such as 192\.0\.2\.12, come to this host.*vxlan\.calico is up/,
      ),
      remedy: expect.stringContaining('as soon as a pod runs on one of these hosts'),
    })
    const alone = { ...about, peers: { all: ['192.0.2.11'], own: '192.0.2.11' } }
    expect(resultOf('stopped-sources', alone)).toEqual({ kind: 'pass' })
  })

  it('learns from routes to pods that other hosts name how their packets come in', () => {
    const texts = {
      routes:
        'default via 192.0.2.1 dev ens18\n192.0.2.0/24 dev ens18 scope link src 192.0.2.11\n10.42.1.10 dev cali1 scope link\n10.42.2.0/24 via 10.42.2.0 dev flannel.1 onlink',
      links: '2: ens18: <UP>\n3: cali1: <UP>\n9: flannel.1: <UP>',
    }
    const { network } = nftSubject({ texts }).facts
    if (network.kind !== 'read') throw new Error(network.reason)
    const judged = (otherPods: readonly string[]) => {
      const wanted = { network: network.value, podCidrs: ['10.42.1.0/24'], otherPods }
      return resultOf('stopped-sources', nftSubject({ texts, intent: wanted })).kind
    }
    expect(judged([])).toBe('warn')
    expect(judged(['10.42.2.0/24'])).toBe('pass')
  })

  it.each([
    ['the only way that a route shows', '10.42.2.0/24 dev wg0 scope link', 'warn'],
    ['beside a tunnel of pods', '10.42.3.0/24 via 10.42.3.0 dev flannel.1 onlink', 'pass'],
    ['for the whole pod network', '10.42.0.0/16 dev wg0 scope link', 'pass'],
  ])('warns of a tunnel that no plugin made where it is %s', (_, route, kind) => {
    const texts = {
      routes: `default via 192.0.2.1 dev ens18\n10.42.1.10 dev cali1 scope link\n10.42.2.0/24 dev wg0 scope link\n${route}`,
      links: '2: ens18: <UP>\n3: cali1: <UP>\n4: wg0: <POINTOPOINT,NOARP,UP>',
    }
    const { network } = nftSubject({ texts }).facts
    if (network.kind !== 'read') throw new Error(network.reason)
    const about = nftSubject({ texts, intent: { network: network.value } })
    const result = resultOf('stopped-sources', about)
    expect(result.kind).toBe(kind)
    if (kind === 'warn') {
      expect(result).toMatchObject({
        reason: expect.stringMatching(
          /10\.42\.2\.0\/24 \(interface wg0\)\. So .* by ens18 without/,
        ),
        remedy: expect.stringContaining('come in by wg0, add stopped-sources to fw_accept'),
      })
    }
  })

  it('warns of a pool of Calico that no route shows, beside bare pods of IPv6 and a pool that is shown', () => {
    const texts = {
      routes:
        'default via 192.0.2.1 dev ens18\n192.0.2.0/24 dev ens18 scope link src 192.0.2.11\nblackhole 10.42.1.0/26 proto 80\n10.42.2.0/26 via 10.42.2.0 dev vxlan.calico onlink\nblackhole 10.50.1.0/26 proto 80',
      links: '2: ens18: <UP>\n9: vxlan.calico: <UP>',
    }
    const { network } = nftSubject({ texts }).facts
    if (network.kind !== 'read') throw new Error(network.reason)
    const podCidrs = ['10.42.0.0/16', '10.50.0.0/16', 'fd42::/56']
    const wanted = { network: network.value, podCidrs, barePods: ['fd42::/56'] }
    const pools = podCidrs.slice(0, 2).map((one) => `add cali40all-ipam-pools ${one}`)
    const sets = ['create cali40all-ipam-pools hash:net family inet', ...pools].join('\n')
    const about = { ...nftSubject({ texts, intent: wanted }), state: hostState(forward(), sets) }
    expect(resultOf('stopped-sources', about)).toMatchObject({
      kind: 'warn',
      reason: expect.stringMatching(
        /^fw-run does not know yet how packets from pods \(10\.50\.0\.0\/16\) of hosts/,
      ),
    })
  })

  it('warns of a pool that may be for others, where pods of another pool come in without a tunnel', () => {
    const texts = { routes: 'default via 192.0.2.1 dev ens18\n10.42.1.10 dev cali1 scope link' }
    const { network } = nftSubject({ texts }).facts
    if (network.kind !== 'read') throw new Error(network.reason)
    const podCidrs = ['10.42.0.0/16', '10.50.0.0/16']
    const pools = podCidrs.map((one) => `add cali40network-ip-pools ${one}`)
    const sets = ['create cali40network-ip-pools hash:net family inet', ...pools].join('\n')
    const about = (barePods: readonly string[]) => {
      const wanted = { network: network.value, podCidrs, barePods }
      return { ...nftSubject({ texts, intent: wanted }), state: hostState(forward(), sets) }
    }
    expect(resultOf('stopped-sources', about(['10.42.0.0/16']))).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('found no pod: 10.50.0.0/16. So the guard does not allow'),
      remedy: expect.stringMatching(
        /to \["10\.42\.0\.0\/16","10\.50\.0\.0\/16"\]\. If they never do .* to \["10\.42\.0\.0\/16"\]\./,
      ),
    })
    // Who accepts the bare pods for good must still hear of this pool.
    expect(resultOf('pod-sources', about(['10.42.0.0/16']))).toMatchObject({
      kind: 'warn',
      reason: expect.not.stringContaining('10.50.0.0/16'),
    })
    expect(resultOf('stopped-sources', about(podCidrs))).toEqual({ kind: 'pass' })
  })

  describe('of nodes to which routes lead by a guarded interface', () => {
    const about = (route: string, settings = {}, podCidrs = ['10.42.1.0/24']) => {
      const texts = {
        routes: `default via 192.0.2.1 dev ens18\n192.0.2.0/24 dev ens18 scope link src 192.0.2.11\n${route}`,
        flannel: 'FLANNEL_NETWORK=10.42.0.0/16',
      }
      const { network } = nftSubject({ texts }).facts
      if (network.kind !== 'read') throw new Error(network.reason)
      const wanted = { network: network.value, podCidrs, members: ['192.0.2.11', '192.0.2.12'] }
      return nftSubject({ texts, settings, intent: wanted })
    }

    it('fails where they are pods, and no host names their network', () => {
      const settings = { podCidrs: ['10.42.1.0/24'] }
      const one = about('10.42.2.0/24 via 192.0.2.12 dev ens18', settings)
      expect(resultOf('stopped-sources', one)).toMatchObject({
        kind: 'fail',
        reason: expect.stringContaining('10.42.2.0/24 (node 192.0.2.12, interface ens18)'),
        remedy: expect.stringMatching(/^Add the networks of these pods to fw_pod_cidrs/),
      })
    })

    it('warns where they may be others', () => {
      const vpn = '10.8.0.0/24 via 192.0.2.12 dev ens18'
      const remedy = 'add their networks to fw_pod_cidrs of the hosts'
      expect(resultOf('stopped-sources', about(vpn, { podCidrs: ['10.42.1.0/24'] }))).toMatchObject(
        {
          kind: 'warn',
          reason: expect.stringContaining('10.8.0.0/24 (node 192.0.2.12, interface ens18)'),
          remedy: expect.stringContaining(remedy),
        },
      )
      expect(resultOf('stopped-sources', about(vpn))).toMatchObject({
        kind: 'warn',
        remedy: expect.stringContaining('to ["10.42.1.0/24","10.8.0.0/24"]. If others'),
      })
    })

    it.each([
      ['a router', '10.8.0.0/24 via 192.0.2.1 dev ens18'],
      ['another interface', '10.42.2.0/24 via 192.0.2.12 dev flannel.1'],
      ['a node that leads to everybody', '0.0.0.0/0 via 192.0.2.12 dev ens18'],
      ['a node that leads to all pods', '10.0.0.0/8 via 192.0.2.12 dev ens18'],
      ['a node that leads to another node', '192.0.2.11/32 via 192.0.2.12 dev ens18'],
      ['a node, to services', '10.43.0.0/24 via 192.0.2.12 dev ens18'],
    ])('says nothing of %s', (_, route) => {
      const one = about(route)
      if (one.intent.kind !== 'nft') throw new Error(one.intent.kind)
      const intent = { ...one.intent, barePods: ['10.42.1.0/24'], serviceCidrs: ['10.43.0.0/16'] }
      expect(resultOf('stopped-sources', { ...one, intent })).toMatchObject({
        reason: expect.not.stringContaining('(node '),
      })
    })
  })
})

describe('flow-table', () => {
  const flows = { 'flow-table': '2' }

  it('warns of connections that were opened before, when the guard comes or changes', () => {
    expect(resultOf('flow-table', nftSubject({ texts: flows }))).toMatchObject({
      kind: 'warn',
      remedy: expect.stringContaining('conntrack -D -d POD_ADDRESS'),
    })
    expect(resultOf('flow-table', mangleSubject({ texts: flows })).kind).toBe('warn')
  })

  it.each([
    ['its members change', { members: ['192.0.2.11', '192.0.2.99', 'fd00::11'] }, 'pass'],
    ['it closes less', { serviceCidrs: [], podCidrs: ['10.42.0.0/16'] }, 'pass'],
    ['it closes more', { serviceCidrs: ['10.43.0.0/16', '10.96.0.0/16'] }, 'warn'],
    ['it stands on one more interface', { interfaces: ['ens18', 'ens19'] }, 'warn'],
    ['it stands on all such interfaces', { interfaces: ['ens18*'] }, 'warn'],
  ])('where the guard stands and %s', (_, intent, kind) => {
    const about = nftSubject({ texts: flows, table: printed, intent })
    expect(resultOf('flow-table', about).kind).toBe(kind)
  })

  it('passes where the guard stands, of either kind, and where there is no such table', () => {
    const byTable = { ...hostState(forward()), table: parseTable(printed) }
    expect(resultOf('flow-table', nftSubject({ texts: flows, table: printed })).kind).toBe('pass')
    const other = mangleSubject({ texts: flows, state: byTable })
    expect(resultOf('flow-table', other).kind).toBe('pass')
    expect(resultOf('flow-table', nftSubject()).kind).toBe('pass')
  })

  it('warns where only one family is guarded', () => {
    const table = printed.replace(/^.*ip6 daddr.*\n/m, '')
    expect(resultOf('flow-table', nftSubject({ texts: flows, table })).kind).toBe('warn')
  })
})

describe('table-flush', () => {
  const texts = { flushing: 'nftables' }

  it('warns of a service that would delete the table, whatever its file says', () => {
    const result = resultOf('table-flush', nftSubject({ texts }))
    expect(result).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('When it restarts, it deletes all tables'),
      remedy: expect.stringContaining('systemctl disable nftables'),
    })
    expect(result).toMatchObject({ remedy: expect.not.stringContaining('delete table') })
  })

  it('passes where the boot files bring the table back', () => {
    const about = nftSubject({ texts, intent: { persist: true } })
    expect(resultOf('table-flush', about).kind).toBe('pass')
  })
})

describe('own-table', () => {
  it('fails for a table of another program', () => {
    const about = nftSubject({ table: 'table inet fw_run {\n\tchain theirs {\n\t}\n}' })
    expect(resultOf('own-table', about)).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('another program made it'),
    })
  })

  it('passes for an empty table and for one of ours', () => {
    for (const table of ['table inet fw_run {\n}', printed]) {
      expect(resultOf('own-table', nftSubject({ table })).kind).toBe('pass')
    }
  })
})

describe('leaving-members of a table', () => {
  it('names who is no longer admitted, one by one', () => {
    const table = printed.replace('192.0.2.11, 192.0.2.12', '192.0.2.11-192.0.2.13')
    expect(resultOf('leaving-members', nftSubject({ table }))).toMatchObject({
      kind: 'warn',
      reason: 'the guard would no longer allow 192.0.2.13',
    })
  })
})
