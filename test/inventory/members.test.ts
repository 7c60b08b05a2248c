import { describe, expect, it } from 'vitest'
import { guardMembers, membersOfBoth, setMembers } from '../../src/inventory/members.ts'
import { hostIn, inventoryOf } from './fault.ts'

const INVENTORY = inventoryOf(`
all:
  hosts:
    other: {ansible_host: 10.0.0.99}
  children:
    k8s_cluster:
      vars: {fw_extra_members: [10.0.0.9]}
      hosts:
        n2: {ansible_host: 10.0.0.100, ip: 9.0.0.100, access_ip: "fd00::1"}
        n1: {ansible_host: n1.example.org, fw_addresses: [10.0.0.2, 10.0.0.9]}
        n3: {ansible_host: "fd00::3", ip: 10.0.0.3, fw_extra_members: [192.0.2.1]}
`)

describe(setMembers.name, () => {
  it('joins the IPv4 addresses of the hosts to protect, in numeric order, each once', () => {
    expect(setMembers(INVENTORY, hostIn(INVENTORY, 'n1'))).toEqual([
      '9.0.0.100',
      '10.0.0.2',
      '10.0.0.3',
      '10.0.0.9',
      '10.0.0.100',
    ])
  })

  it('adds the further members of the host itself only', () => {
    expect(setMembers(INVENTORY, hostIn(INVENTORY, 'n3'))).toContain('192.0.2.1')
    expect(setMembers(INVENTORY, hostIn(INVENTORY, 'n1'))).not.toContain('192.0.2.1')
  })
})

describe(membersOfBoth.name, () => {
  const inventory = inventoryOf(`
k8s_cluster:
  vars: {fw_guard: nft, fw_extra_members: ["FD00:0::00ff", 10.0.0.9]}
  hosts:
    n1: {ansible_host: 10.0.0.100, ip6: "fd00::100", access_ip6: "FD00:0:0::0100"}
    n2: {ansible_host: "fd00::20", ip: "FD00::3"}
    n3: {ansible_host: "fe80::3%ens18", ip: "::1", ip6: "fe80::3", access_ip: 10.0.0.20}
    n4: {ansible_host: 192.0.2.4, fw_addresses: [9.0.0.4, "FD00::4"], fw_guard: forward}
`)
  const all = [
    ...['9.0.0.4', '10.0.0.9', '10.0.0.20', '10.0.0.100'],
    ...['fd00::3', 'fd00::4', 'fd00::20', 'fd00::ff', 'fd00::100'],
  ]

  it('joins IPv4, then IPv6, each in numeric order and once, however it is spelt', () => {
    expect(membersOfBoth(inventory, hostIn(inventory, 'n1'))).toEqual(all)
    expect(setMembers(inventory, hostIn(inventory, 'n1'))).toEqual(all.slice(0, 4))
  })

  it('is asked only where the guard has a use for both', () => {
    expect(guardMembers(inventory, hostIn(inventory, 'n2'))).toEqual(all)
    expect(guardMembers(inventory, hostIn(inventory, 'n4'))).toEqual(all.slice(0, 4))
  })

  it('is one list for all hosts that inherit their extra members', () => {
    const [one, other] = [hostIn(inventory, 'n1'), hostIn(inventory, 'n3')]
    expect(membersOfBoth(inventory, one)).toBe(membersOfBoth(inventory, other))
    expect(setMembers(inventory, one)).toBe(setMembers(inventory, other))
  })
})
