import { describe, expect, it } from 'vitest'
import { didYouMean, didYouSlip } from '../../src/text/suggestion.ts'
import { inventoryOf } from '../inventory/fault.ts'

describe(didYouMean.name, () => {
  const names = ['fw_position', 'fw_probes', 'fw_set']

  it.each([
    ['fw_positon', 'did you mean "fw_position"?'],
    ['fw_pos', 'did you mean "fw_position"?'],
    ['fw_p', 'did you mean "fw_probes" or "fw_position"?'],
    ['zebra', undefined],
  ])('to %s says %s', (name, said) => {
    expect(didYouMean(name, names)).toBe(said)
  })
})

describe(didYouSlip.name, () => {
  it.each([
    ['one letter too few', 'ansible_usr', 'did you mean "ansible_user"?'],
    ['one too many', 'ansible_hoost', 'did you mean "ansible_host"?'],
    ['two swapped', 'ansible_prot', 'did you mean "ansible_port"?'],
    ['two slips in a long name', 'fw_intrfce', 'did you mean "fw_interface"?'],
    ['two slips in a short name', 'ansible_home', undefined],
    ['a name too short to tell', 'id', undefined],
  ])('of %s: %s', (_, name, said) => {
    const names = ['ansible_host', 'ansible_port', 'ansible_user', 'fw_interface', 'ip']
    expect(didYouSlip(name, names)).toBe(said)
  })
})

describe('a variable that nobody reads', () => {
  it('is told with its place where it is a slip of one that is read', () => {
    const { warnings } = inventoryOf(`all:
  vars:
    ansible_usr: ops
  hosts:
    n1: {ansible_host: 192.0.2.1, ansible_prot: 2222}
    n2: {ansible_hots: 192.0.2.2, ansible_host: 192.0.2.3, fwset: x}
`)
    expect(warnings).toEqual([
      'inventory.yaml:3:5: "ansible_usr" is not read: did you mean "ansible_user"?',
      'inventory.yaml:5:35: "ansible_prot" is not read: did you mean "ansible_port"?',
      'inventory.yaml:6:10: "ansible_hots" is not read: did you mean "ansible_host"?',
      'inventory.yaml:6:60: "fwset" is not read: did you mean "fw_set"?',
    ])
  })

  it.each([
    'ansible_become_prompt_l10n',
    'ansible_hostname',
    'ansible_python_interpreter',
    'ansible_ssh_timeout',
    'ansible_su_pass',
    'ansible_user_id',
    'access_ip6',
    'etcd_member_name',
    'id',
    'vip',
  ])('is let be where it is %s', (name) => {
    expect(inventoryOf(`all: {hosts: {192.0.2.1: {${name}: x}}}`).warnings).toEqual([])
  })
})
