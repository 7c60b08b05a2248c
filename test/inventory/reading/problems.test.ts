import { describe, expect, it } from 'vitest'
import { parseInventory } from '../../../src/inventory/load.ts'
import { faultOf, problemsOf } from '../fault.ts'

const HOST = '  hosts: {n1: {ansible_host: 192.0.2.1}}\n'

describe('parseInventory refuses', () => {
  it('an empty file', () => {
    expect(problemsOf('')).toEqual(['inventory.yaml: is empty'])
    expect(problemsOf('# nothing yet\n---\n')).toEqual(['inventory.yaml: is empty'])
  })

  it('plain text', () => {
    expect(problemsOf('hello, world')).toEqual([
      'inventory.yaml:1:1: is not an inventory: it must begin with a group',
    ])
  })

  it('a group that no section declares, naming the one that was meant, if any', () => {
    const about = (name: string) =>
      problemsOf(`[workers]\nn1 ansible_host=192.0.2.1\n[all:children]\n${name}\n`)
    expect(about('mars')).toEqual(['inventory.yaml:4:1: group "mars" is not declared'])
    expect(about('worker')[0]).toMatch(/is not declared: .*"workers"/)
  })

  it('broken YAML, naming the place', () => {
    expect(problemsOf('all:\n  hosts:\n    n1: {}\n   n2: {}\n')[0]).toMatch(
      /^inventory\.yaml:4:\d+: not YAML/,
    )
  })

  it.each([
    ['a list, before the next key', 'all:\n  vars:\n    a: [b\n  hosts: {n1: }\n', '3:8', '['],
    ['a mapping, at the end', 'all:\n  hosts:\n    n1: {a: 1\n', '3:9', '{'],
    ['the outer of two lists', 'all:\n  vars:\n    a: [b, [c]\n    d: e\n', '3:8', '['],
    ['a list, by the bracket of a mapping', 'all:\n  vars: {a: [b}\n  hosts: {}\n', '2:13', '['],
    ['the first of two lists', 'all:\n  vars:\n    a: [b\n    c: [d\n', '3:8', '['],
    ['JSON', '{"all": {"hosts": {"n1": {}}}', '1:1', '{'],
    ['a quote', 'all:\n  vars:\n    a: "b\n  hosts: {n1: }\n', '3:8', 'quote'],
    ['a quote within a list', "all:\n  vars:\n    a: [b, 'c\n  hosts: {}\n", '3:12', 'quote'],
  ])('what is not closed, naming where it opens: %s', (_, text, place, sign) => {
    const problems = problemsOf(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(`inventory.yaml:${place}: not YAML: this ${sign} is not closed`)
  })

  it('tabs, naming the first line with one', () => {
    const error = faultOf(() =>
      parseInventory('all:\n\thosts:\n\t\tn1:\n', 'i.yaml', { extraVars: [] }),
    )
    expect(error.message).toMatch(
      /^i\.yaml:2:1: not YAML: this line is indented with a tab, .* \(and 1 more\)$/,
    )
    expect(error.remedy).toBe('Indent with spaces.')
  })

  it('an inventory plugin configuration', () => {
    expect(problemsOf('plugin: aws_ec2\n')).toEqual([
      'inventory.yaml:1:1: this configures an Ansible inventory plugin; it lists no hosts',
    ])
  })

  it('an inventory without hosts', () => {
    expect(problemsOf('all:\n  vars: {fw_set: x}\n')).toEqual(['inventory.yaml: lists no hosts'])
  })

  it('hosts in a list, saying how to write them', () => {
    const text = 'all:\n  hosts:\n    - n1\n    - n2\n'
    const error = faultOf(() => parseInventory(text, 'i.yaml', { extraVars: [] }))
    expect(error.message).toBe('i.yaml:3:5: hosts: must be a mapping, not a list')
    expect(error.remedy).toContain('"name:", without a dash')
  })

  it('a host that stands twice in one mapping, naming both lines', () => {
    expect(problemsOf('all:\n  hosts:\n    192.0.2.1:\n    192.0.2.1:\n')).toEqual([
      'inventory.yaml:4:5: "192.0.2.1" was already given on line 3',
    ])
  })

  it('misplaced and misspelt sections, which would lose hosts', () => {
    expect(problemsOf(`all:\n${HOST}  host: {n2: }\n`)[0]).toContain('did you mean "hosts"?')
    expect(problemsOf('hosts: {n1: }\nfw_set: {a: 1}\n')).toEqual([
      'inventory.yaml:1:1: "hosts" stands at the top level: put it under "all:"',
      'inventory.yaml:2:1: "fw_set" stands at the top level: put it under "all:", "vars:"',
    ])
    expect(problemsOf(`all:\n${HOST}  fw_set: x\n`)[0]).toContain('put it under "vars:"')
  })

  it.each(['[]', '[web:]', '[two words]'])(
    'a section of INI like %s, which would lose hosts',
    (section) => {
      const text = `[db]\n192.0.2.1\n${section}\n192.0.2.2\n`
      const { message } = faultOf(() => parseInventory(text, 'a.ini', { extraVars: [] }))
      expect(message).toMatch(/^a\.ini:3:1: ".*" is not a section: write \[group\]/)
    },
  )

  it('groups that contain each other', () => {
    const text = `all:\n${HOST}a: {children: {b: }}\nb: {children: {a: }}\n`
    expect(problemsOf(text)).toEqual([
      'inventory.yaml:4:16: groups contain each other: "a" > "b" > "a"',
    ])
    expect(problemsOf('all: &all\n  children: {x: *all}\n')[0]).toContain('contains itself')
  })

  it('unknown variables of ours, wherever they are', () => {
    expect(problemsOf(`all:\n  vars: {fw-interface: x}\n${HOST}`)[0]).toContain('"fw_interface"?')
    expect(problemsOf(`all:\n${HOST}empty: {vars: {fw_sett: x}}\n`)[0]).toContain('"fw_set"?')
    expect(problemsOf('all: {hosts: {192.0.2.1: {fw_zzz: 1}}}')[0]).toContain('not a variable')
  })

  it('templates and vaults in variables that are used', () => {
    for (const value of ['"{{ ip }}"', '{{ ip }}', '"{% if x %}"', '!vault abc', '!x y']) {
      const problems = problemsOf(`all:\n  vars:\n    fw_set: ${value}\n${HOST}`)
      expect(problems[0], value).toMatch(/^inventory\.yaml:3:\d+: fw_set: /)
    }
  })

  it('a group to protect that does not exist, or has no hosts', () => {
    expect(problemsOf(`all:\n  vars: {fw_group: clustr}\n${HOST}cluster:\n`)[0]).toContain(
      'group "clustr" does not exist: did you mean "cluster"?',
    )
    expect(problemsOf(`all:\n${HOST}k8s_cluster:\n`)[0]).toContain('has no hosts')
    expect(problemsOf('all: {hosts: {192.0.2.1: {fw_group: all}}}')[0]).toContain('whole inventory')
  })

  it('hosts with one address between them', () => {
    expect(
      problemsOf('all:\n  vars: {ansible_host: 192.0.2.1}\n  hosts: {node1: , node2: }\n')[0],
    ).toBe('inventory.yaml:2:24: node1 and node2 have the same address: 192.0.2.1')
    expect(problemsOf('all: {hosts: {n1: {ip: 10.0.0.1}, n2: {ip: 10.0.0.1}}}')[0]).toContain(
      'n1 and n2 both claim the address 10.0.0.1',
    )
  })

  it('a host to protect that the set could not hold', () => {
    expect(problemsOf('all:\n  hosts:\n    node1:\n')).toEqual([
      'inventory.yaml:3:5: host "node1" has no IPv4 address for the set',
    ])
  })

  it('other transports and other ways to root, on hosts to protect', () => {
    for (const vars of [
      'ansible_connection: docker',
      'ansible_become_method: pbrun',
      'ansible_become_method: doas, ansible_become_flags: -n -C /tmp/x',
      'ansible_become_flags: -H -u oracle',
      'ansible_become_user: oracle',
    ]) {
      expect(problemsOf(`all:\n  vars: {${vars}}\n${HOST}`)[0]).toContain('is not supported')
    }
  })

  it('everything at once, in the order of the lines', () => {
    const places = problemsOf(
      `all:\n  vars:\n    fw_set: "a b"\n    fw_action: no\n    ansible_become_user: oracle\n  hosts:\n    node1: {fw_x: 1}\n    node2:\n`,
    ).map((line) => line.split(': ')[0])
    expect(places).toEqual(
      ['3:13', '4:16', '5:26', '7:13'].map((place) => `inventory.yaml:${place}`),
    )
  })

  it('without ever showing a password', () => {
    for (const value of [
      '*sesame',
      '!sesame x',
      '"sesame\\q"',
      '"sesame',
      '[sesame]',
      '{sesame: 1}',
      '@sesame',
      'sesame: x',
      '"{{ sesame }}"',
      '"sesame\\nx"',
      '%sesame',
    ]) {
      const text = `all:\n${HOST}  vars:\n    ansible_password: ${value}\n`
      expect(problemsOf(text).join('\n'), value).not.toContain('sesame')
    }
  })
})

describe('a file that is no inventory', () => {
  it('of another tool is named as what it is, with a way to an inventory', () => {
    const text =
      'apiVersion: kubeone.k8c.io/v1beta2\nkind: KubeOneCluster\ncontrolPlane:\n  hosts:\n  - {a: 1}\n'
    const { message, remedy } = faultOf(() =>
      parseInventory(text, 'kubeone.yaml', { extraVars: [] }),
    )
    expect(message).toBe(
      'kubeone.yaml: is no inventory: its kind is KubeOneCluster, which fw-run does not read',
    )
    expect(remedy).toContain('kubectl get nodes -o json | fw-run init -i -')
  })

  it('with two documents says what to do', () => {
    const text = 'all: {hosts: {192.0.2.1: }}\n---\na: 1\n'
    expect(faultOf(() => parseInventory(text, 'i.yaml', { extraVars: [] })).remedy).toContain(
      'into a file of its own',
    )
  })
})
