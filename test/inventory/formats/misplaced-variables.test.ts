import { describe, expect, it } from 'vitest'
import { parseInventory } from '../../../src/inventory/load.ts'
import { faultOf } from '../fault.ts'

describe('a variable where an INI inventory expects a name', () => {
  it.each([
    ['a host', '[k8s_cluster]\nn1 ansible_host=192.0.2.1\nansible_become_password=sesame\n'],
    ['a group', '[k8s_cluster:children]\nansible_password = sesame\n'],
  ])('of %s is refused, and its value, which may be a password, is not shown', (_, text) => {
    const { message } = faultOf(() => parseInventory(text, 'a.ini', { extraVars: [] }))
    expect(message).toMatch(/^a\.ini:[23]:\d+: the variable ansible_\w+ stands where a name is/)
    expect(message).not.toContain('sesame')
  })
})
