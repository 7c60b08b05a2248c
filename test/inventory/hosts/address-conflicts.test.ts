import { describe, expect, it } from 'vitest'
import { checkAddresses } from '../../../src/inventory/hosts/address-conflicts.ts'
import { inventoryOf, problemsOf } from '../fault.ts'

const twins = (one: string, other: string) =>
  `all: {hosts: {n1: {ansible_host: "${one}", fw_addresses: 10.0.0.1}, n2: {ansible_host: "${other}", fw_addresses: 10.0.0.2}}}`

describe(checkAddresses.name, () => {
  it.each([
    ['node1.example', 'node1.example.'],
    ['node1.example', 'NODE1.example'],
    ['fd00::1', 'FD00:0:0::0001'],
    ['fe80::1%ens18', 'FE80::01%ens18'],
    ['192.0.2.1', '192.0.2.1'],
  ])('takes %s and %s for one address', (one, other) => {
    expect(problemsOf(twins(one, other))).toEqual([
      expect.stringContaining(`n1 and n2 have the same address: ${other}`),
    ])
  })

  it.each([
    ['node1.example', 'node1'],
    ['fd00::1', 'fd00::2'],
    ['fe80::1%ens18', 'fe80::1%ens19'],
  ])('takes %s and %s for two', (one, other) => {
    expect(inventoryOf(twins(one, other)).nodes).toHaveLength(2)
  })

  it.each([
    ['ip6: "fd00::1"', 'access_ip6: "FD00:0::01"', '68'],
    ['ip: "FD00::0:1"', 'fw_addresses: [10.0.0.2, "fd00:0::1"]', '82'],
  ])('finds one IPv6 address of two hosts in every spelling: %s and %s', (one, other, column) => {
    expect(problemsOf(`all: {hosts: {192.0.2.1: {${one}}, 192.0.2.2: {${other}}}}`)).toEqual([
      `inventory.yaml:1:${column}: 192.0.2.1 and 192.0.2.2 both claim the address fd00::1`,
    ])
  })

  it('lets hosts have the same IPv6 address where it is one for the link, or none', () => {
    const hosts = '{192.0.2.1: , 192.0.2.2: }'
    for (const value of ['"fe80::1"', '"::1"', '""', 'none']) {
      expect(inventoryOf(`all: {vars: {ip6: ${value}}, hosts: ${hosts}}`).nodes).toHaveLength(2)
    }
  })

  it('finds one machine under two names that are spelt alike', () => {
    expect(
      problemsOf('all: {vars: {fw_addresses: 10.0.0.1}, hosts: {host.example: , HOST.example.: }}'),
    ).toEqual([
      'inventory.yaml:1:28: host.example and HOST.example. both claim the address 10.0.0.1',
      expect.stringContaining(
        'host.example and HOST.example. have the same address: HOST.example.',
      ),
    ])
  })

  it('lets hosts share an address by other ports, but not by the same one', () => {
    const at = (port: number) =>
      `all: {vars: {ansible_host: 192.0.2.1}, hosts: {n1: {ip: 10.0.0.1, ansible_port: 2201}, n2: {ip: 10.0.0.2, ansible_port: ${port}}}}`
    expect(inventoryOf(at(2202)).nodes).toHaveLength(2)
    expect(problemsOf(at(2201))[0]).toContain(
      'n1 and n2 have the same address: 192.0.2.1 port 2201',
    )
  })

  it('refuses a name that is no address to connect to, and says to set ansible_host', () => {
    expect(problemsOf('all: {hosts: {"10.0.0": {fw_addresses: 10.0.0.1}}}')).toEqual([
      'inventory.yaml:1:15: host "10.0.0": "10.0.0" is neither a host name nor an IP address',
    ])
  })
})
