import { describe, expect, it } from 'vitest'
import { isPort, readInterfaces } from '../../src/facts/interfaces.ts'
import { answerOf } from './answer-of.ts'

const iproute411 = {
  links: `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT qlen 1000\\    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
2: ens18: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP mode DEFAULT qlen 1000\\    link/ether 52:54:00:aa:bb:01 brd ff:ff:ff:ff:ff:ff
3: ens19: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN mode DEFAULT qlen 1000\\    link/ether 52:54:00:aa:bb:02 brd ff:ff:ff:ff:ff:ff
5: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN mode DEFAULT \\    link/ether 7a:01:02:03:04:05 brd ff:ff:ff:ff:ff:ff
6: cali0123456789a@if4: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UP mode DEFAULT \\    link/ether ee:ee:ee:ee:ee:ee brd ff:ff:ff:ff:ff:ff link-netnsid 0`,
  addresses: `1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
2: ens18    inet 192.0.2.11/24 brd 192.0.2.255 scope global ens18\\       valid_lft forever preferred_lft forever
2: ens18    inet 192.0.2.50/32 scope global ens18:vip\\       valid_lft forever preferred_lft forever
5: flannel.1    inet 10.42.1.0/32 scope global flannel.1\\       valid_lft forever preferred_lft forever`,
}

const iproute61 = {
  links: `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\\    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
2: bond0.12@bond0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\\    link/ether 52:54:00:aa:bb:01 brd ff:ff:ff:ff:ff:ff\\    altname enp0s18
3: ppp0: <POINTOPOINT,MULTICAST,NOARP,UP,LOWER_UP> mtu 1492 qdisc fq_codel state UNKNOWN mode DEFAULT group default qlen 3\\    link/ppp`,
  addresses: `1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
2: bond0.12    inet 192.0.2.11/24 metric 100 brd 192.0.2.255 scope global dynamic bond0.12\\       valid_lft 85000sec preferred_lft 85000sec
3: ppp0    inet 198.51.100.2 peer 198.51.100.1/32 scope global ppp0\\       valid_lft forever preferred_lft forever`,
}

describe('readInterfaces', () => {
  it('reads what iproute2 4.11 prints', () => {
    expect(readInterfaces(answerOf(iproute411))).toEqual([
      { name: 'lo', up: true, addresses: ['127.0.0.1'] },
      { name: 'ens18', up: true, addresses: ['192.0.2.11', '192.0.2.50'] },
      { name: 'ens19', up: false, addresses: [] },
      { name: 'flannel.1', up: true, addresses: ['10.42.1.0'] },
      { name: 'cali0123456789a', up: true, addresses: [] },
    ])
  })

  it('reads which bridge or bond an interface is a port of', () => {
    const links =
      '4: vnet0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel master br0 state UNKNOWN mode DEFAULT group default qlen 1000'
    expect(readInterfaces(answerOf({ links }))).toEqual([
      { name: 'vnet0', up: true, addresses: [], master: 'br0' },
    ])
  })

  it('knows a bridge by what the agent says, and a port with nothing at its other end', () => {
    const links = `4: br0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000
5: team0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000
6: ens3: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue master br0 state DOWN mode DEFAULT group default qlen 1000`
    expect(readInterfaces(answerOf({ links, bridges: 'br0\nbr1' }))).toEqual([
      { name: 'br0', up: true, addresses: [], bridge: true },
      { name: 'team0', up: true, addresses: [] },
      { name: 'ens3', up: true, addresses: [], master: 'br0', unplugged: true },
    ])
  })

  it('takes no word of a description for a fact', () => {
    const links = `4: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP mode DEFAULT group default qlen 1000\\    link/ether 52:54:00:aa:bb:01 brd ff:ff:ff:ff:ff:ff\\    alias uplink to master switch A
5: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel master br0 state UP mode DEFAULT group default qlen 1000\\    link/ether 52:54:00:aa:bb:02 brd ff:ff:ff:ff:ff:ff\\    alias <NOARP,MASTER> master other`
    expect(readInterfaces(answerOf({ links }))).toEqual([
      { name: 'eth0', up: true, addresses: [] },
      { name: 'eth1', up: true, addresses: [], master: 'br0' },
    ])
  })

  it('knows a VRF by its flags, and its ports for interfaces by which packets come in', () => {
    const links = `4: vrf-blue: <NOARP,MASTER,UP,LOWER_UP> mtu 65575 qdisc noqueue state UP mode DEFAULT group default qlen 1000
5: bond0: <BROADCAST,MULTICAST,MASTER,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000
6: ens18: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel master vrf-blue state UP mode DEFAULT group default qlen 1000
7: ens19: <BROADCAST,MULTICAST,SLAVE,UP,LOWER_UP> mtu 1500 qdisc fq_codel master bond0 state UP mode DEFAULT group default qlen 1000`
    const interfaces = readInterfaces(answerOf({ links }))
    expect(interfaces.filter(({ vrf }) => vrf).map(({ name }) => name)).toEqual(['vrf-blue'])
    const ports = interfaces.filter((one) => isPort(one, interfaces))
    expect(ports.map(({ name }) => name)).toEqual(['ens19'])
  })

  it('reads what iproute2 6.1 prints, a VLAN on a bond and a peer address included', () => {
    expect(readInterfaces(answerOf(iproute61))).toEqual([
      { name: 'lo', up: true, addresses: ['127.0.0.1'] },
      { name: 'bond0.12', up: true, addresses: ['192.0.2.11'] },
      { name: 'ppp0', up: true, addresses: ['198.51.100.2'], tunnel: true },
    ])
  })

  it.each([
    ['wg0', 'POINTOPOINT,NOARP,UP,LOWER_UP', 'none', true],
    ['gre1@NONE', 'POINTOPOINT,NOARP,UP,LOWER_UP', 'gre 192.0.2.11 peer 192.0.2.99', true],
    ['ipsec0@eth0', 'NOARP,UP,LOWER_UP', 'none ', true],
    ['tunl0@NONE', 'NOARP,UP,LOWER_UP', 'ipip 0.0.0.0 brd 0.0.0.0', undefined],
    ['flannel.1', 'BROADCAST,MULTICAST,UP,LOWER_UP', 'ether 7a:01:02:03:04:05', undefined],
    ['can0', 'NOARP,UP,LOWER_UP,ECHO', 'can', undefined],
    ['dummy0', 'BROADCAST,NOARP,UP', 'ether 7a:01:02:03:04:05\\    link/none', undefined],
  ])('knows whether %s is a tunnel by its kind', (name, flags, kind, tunnel) => {
    const links = `4: ${name}: <${flags}> mtu 1420 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\\    link/${kind}`
    expect(readInterfaces(answerOf({ links }))[0]?.tunnel).toBe(tunnel)
  })
})
