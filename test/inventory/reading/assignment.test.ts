import { describe, expect, it } from 'vitest'
import { hasAssignment } from '../../../src/inventory/reading/assignment.ts'
import { faultOf, inventoryOf } from '../fault.ts'

const HOST = 'all: {hosts: {192.0.2.1: }}\n'

describe(hasAssignment.name, () => {
  it.each([
    ['a host', 'all:\n  hosts:\n    n3 ansible_host=10.0.0.3 ansible_password=sesame:\n', 3],
    ['a host that is a variable', 'all:\n  hosts:\n    ansible_password=sesame:\n', 3],
    ['a single host', 'all:\n  hosts: ansible_password=sesame\n', 2],
    ['a child', 'all:\n  children: {ansible_password=sesame: }\n', 2],
    ['a group', `${HOST}ansible_password=sesame: {hosts: }\n`, 2],
    ['a section of a group', `${HOST}g: {ansible_password=sesame: }\n`, 2],
    ['a variable', `${HOST}g:\n  vars: {ansible_password=sesame: }\n`, 3],
    ['a variable of a host', 'all:\n  hosts:\n    192.0.2.1: {ansible_password=sesame: }\n', 3],
    ['a short variable', `${HOST}g:\n  vars: {ansible_password=s: }\n`, 3],
    ['a key that stands twice', `${HOST}g: {vars: {a=sesame: , a=sesame: }}\n`, 2],
    ['a section of INI', '[g]\n192.0.2.1\n[ansible_password=sesame]\n', 3],
    ['a broken section of INI', '[g]\n192.0.2.1\n[g ansible_password=sesame]\n', 3],
    ['a child in INI', '[g]\n192.0.2.1\n[all:children]\ng ansible_password=sesame\n', 4],
    ['a quoted host in INI', '[g]\n"192.0.2.1 ansible_password=sesame"\n', 2],
  ])('refuses a variable in place of %s, and never shows its value', (_, text, line) => {
    const { message, remedy } = faultOf(() => inventoryOf(text))
    expect(message).toMatch(new RegExp(`^inventory\\.yaml:${line}:\\d+: `))
    expect(message.split('\n')).toHaveLength(1)
    expect(`${message}${remedy}`).not.toMatch(/sesame|=s\b/)
  })

  it('leaves alone what others put into keys', () => {
    const text = 'all: {vars: {node_labels: {"a=b": c}, x=y: z}, hosts: {192.0.2.1: }}'
    expect(inventoryOf(text).warnings).toEqual([])
  })
})
