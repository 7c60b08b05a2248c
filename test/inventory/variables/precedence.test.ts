import { describe, expect, it } from 'vitest'
import { hostValues } from '../../../src/inventory/variables/precedence.ts'
import { hostIn, inventoryOf } from '../fault.ts'

const TREE = (b: string, host = '') => `
all:
  vars: {fw_set: from_all}
  children:
    parent:
      vars: {fw_set: from_parent}
      children:
        a:
          vars: {fw_set: from_a${b}}
          hosts: {n1: {ansible_host: 192.0.2.1${host}}}
        b:
          vars: {fw_set: from_b}
          hosts: {n1: }
    z:
      vars: {fw_set: from_z, fw_action: DROP}
      hosts: {n1: }
`

describe(hostValues.name, () => {
  const setOf = (text: string, ...extra: string[]) =>
    hostIn(inventoryOf(text, ...extra), 'n1').settings.set

  it('prefers children to parents, and of siblings the later in ASCII order', () => {
    expect(setOf(TREE(''))).toBe('from_b')
  })

  it('prefers the sibling of higher ansible_group_priority', () => {
    expect(setOf(TREE(', ansible_group_priority: 10'))).toBe('from_a')
  })

  it('prefers the host to its groups', () => {
    expect(setOf(TREE('', ', fw_set: from_host'))).toBe('from_host')
  })

  it('prefers -e to everything, and the last -e to the others', () => {
    const text = TREE('', ', fw_set: from_host')
    expect(setOf(text, 'fw_set=x', '{"fw_set": "from_e"}')).toBe('from_e')
  })

  it('keeps what no nearer group sets', () => {
    expect(hostIn(inventoryOf(TREE('')), 'n1').settings.action).toBe('DROP')
  })
})
