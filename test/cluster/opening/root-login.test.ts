import { describe, expect, it } from 'vitest'
import { demandRoot } from '../../../src/cluster/opening/root-login.ts'
import { inventoryOf } from '../../inventory/fault.ts'

function methodsFor(hosts: string): readonly string[] {
  const { hosts: all } = inventoryOf(`all:\n  hosts:\n${hosts}`)
  const settings = { user: undefined } as Parameters<typeof demandRoot>[1]['settings']
  return [...demandRoot(all, { settings, user: 'me', routes: new Map() })]
}

describe(demandRoot.name, () => {
  it('names all hosts where a user who is not root must not become root', () => {
    const plain = '    192.0.2.1: {ansible_become: false}\n    192.0.2.2: {ansible_become: no}\n'
    expect(() => methodsFor(plain)).toThrow(
      '192.0.2.1, 192.0.2.2: ansible_become is false, and the user me is not root.',
    )
  })

  it('gives the methods that may ask for a password', () => {
    const hosts = `    192.0.2.1: {ansible_become: false, ansible_user: root}
    192.0.2.2: {ansible_become_method: su}
    192.0.2.3: {ansible_become_method: community.general.doas}
    192.0.2.4: {ansible_user: root, ansible_become_method: sudo}
`
    expect(methodsFor(hosts)).toEqual(['su', 'doas'])
  })
})
