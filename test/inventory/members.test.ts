import { describe, expect, it } from 'vitest'
import { setMembers } from '../../src/inventory/members.ts'
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
