import { describe, expect, it } from 'vitest'
import { isPodTunnel, isPodTunnelOf, leadsToPods } from '../../src/facts/pod-interface-names.ts'

describe('leadsToPods', () => {
  it.each([
    [
      'Calico',
      ['cali0123456789a', 'cali+', 'tunl0', 'vxlan.calico', 'wireguard.cali', 'wg-v6.cali'],
    ],
    ['flannel', ['cni0', 'flannel.1', 'flannel-wg']],
    ['Cilium', ['cilium_host', 'cilium_vxlan', 'lxc1a2b3c4d5e6f', 'lxc_health', 'lxc+']],
    ['Weave', ['weave', 'vxlan-6784', 'vethwe-bridge']],
    ['kube-router', ['tun-0a1b2c3d4e5', 'tun-192168641', 'tun192168164112']],
    ['kubenet', ['cbr0', 'veth01234567']],
  ])('knows the devices of %s', (_, devices) => {
    expect(devices.filter((device) => !leadsToPods(device))).toEqual([])
  })

  it.each([
    ['the bridge of LXC', 'lxcbr0'],
    ['the bridge of LXD', 'lxdbr0'],
    ['an overlay', 'vxlan100'],
    ['an overlay with a dash', 'vxlan-100'],
    ['the bridge of podman', 'cni-podman0'],
    ['a network card', 'ens18'],
    ['a VPN', 'wireguard0'],
    ['a VPN of the name of a plugin', 'weave-vpn'],
    ['a VPN of OpenVPN', 'tun0'],
    ['a VPN with a name of its own', 'tun-office'],
  ])('knows %s for none', (_, device) => {
    expect(leadsToPods(device)).toBe(false)
  })
})

describe('isPodTunnel', () => {
  it('tells tunnels from the interfaces of pods', () => {
    const devices = ['vxlan.calico', 'flannel.1', 'tunl0', 'cali0123456789a', 'cni0', 'vxlan100']
    expect(devices.filter(isPodTunnel)).toEqual(['vxlan.calico', 'flannel.1', 'tunl0'])
  })
})

describe('isPodTunnelOf', () => {
  it('tells tunnels for IPv6 from those for IPv4', () => {
    const six = ['vxlan-v6.calico', 'wg-v6.cali', 'flannel-v6.1', 'flannel-wg-v6']
    const four = ['vxlan.calico', 'wireguard.cali', 'flannel.1', 'flannel-wg', 'tunl0']
    const of = (family: 4 | 6) =>
      [...six, ...four, 'eth-v6'].filter((one) => isPodTunnelOf(family, one))
    expect(of(6)).toEqual(six)
    expect(of(4)).toEqual(four)
  })
})
