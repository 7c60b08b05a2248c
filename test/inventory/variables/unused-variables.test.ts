import { describe, expect, it } from 'vitest'
import { inventoryOf } from '../fault.ts'

describe('a variable that fw-run does not use', () => {
  it('is named with its place where it is a slip of one that fw-run uses', () => {
    const { warnings } = inventoryOf(`all:
  vars:
    ansible_usr: ops
  hosts:
    n1: {ansible_host: 192.0.2.1, ansible_prot: 2222}
    n2: {ansible_hots: 192.0.2.2, ansible_host: 192.0.2.3, fwset: x}
`)
    expect(warnings).toEqual([
      'inventory.yaml:3:5: "ansible_usr" is not used by fw-run: did you mean "ansible_user"?',
      'inventory.yaml:5:35: "ansible_prot" is not used by fw-run: did you mean "ansible_port"?',
      'inventory.yaml:6:10: "ansible_hots" is not used by fw-run: did you mean "ansible_host"?',
      'inventory.yaml:6:60: "fwset" is not used by fw-run: did you mean "fw_set"?',
    ])
  })

  it.each([
    'ansible_become_prompt_l10n',
    'ansible_hostname',
    'ansible_python_interpreter',
    'ansible_ssh_timeout',
    'ansible_ksu_pass',
    'ansible_user_id',
    'access_ip6',
    'etcd_member_name',
    'id',
    'ip2',
    'ip4',
    'ipv6',
    'kube_service_subnets',
    'vip',
  ])('is no slip where it is %s', (name) => {
    expect(inventoryOf(`all: {hosts: {192.0.2.1: {${name}: fd00::1}}}`).warnings).toEqual([])
  })
})
