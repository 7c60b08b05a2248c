import { describe, expect, it } from 'vitest'
import { groupToProtect } from '../../../src/inventory/hosts/group-to-protect.ts'
import { setMembers } from '../../../src/inventory/members.ts'
import { faultOf, hostIn, inventoryOf } from '../fault.ts'

const BASTION = 'bastion: {hosts: {b: {ansible_host: 198.51.100.7}}}'
const node = (group: string) => `${group}: {hosts: {n1: {ansible_host: 10.0.0.1}}}`

describe(groupToProtect.name, () => {
  it('protects k8s_cluster, and keeps the bastion out of the set', () => {
    const inventory = inventoryOf(`${node('k8s_cluster')}\n${BASTION}\n`)
    expect([inventory.group, inventory.warnings]).toEqual(['k8s_cluster', []])
    expect(setMembers(inventory, hostIn(inventory, 'n1'))).toEqual(['10.0.0.1'])
  })

  it("takes Kubespray's old name for it, and warns by name of hosts outside", () => {
    const inventory = inventoryOf(`${node('k8s-cluster')}\n${BASTION}\n`)
    expect(inventory.group).toBe('k8s-cluster')
    expect(setMembers(inventory, hostIn(inventory, 'n1'))).toEqual(['10.0.0.1'])
    expect(inventory.warnings).toEqual([
      'inventory.yaml:1:1: fw-run protects only group "k8s-cluster". These hosts stay unprotected: b. To protect them, add them to that group, or set fw_group',
    ])
    expect(inventoryOf(`${node('k8s-cluster')}\n`).warnings).toEqual([])
    const chosen = inventoryOf(`${node('k8s-cluster')}\n${BASTION}\n`, 'fw_group=all')
    expect([chosen.group, chosen.warnings]).toEqual(['all', []])
  })

  it('warns of hosts that only the old name has, where both are there', () => {
    const old = 'k8s-cluster: {hosts: {n1: , n2: {ansible_host: 10.0.0.2}}}'
    expect(inventoryOf(`${node('k8s_cluster')}\n${old}\n`).warnings).toEqual([
      'inventory.yaml:2:1: fw-run protects only group "k8s_cluster". These hosts of group "k8s-cluster" stay unprotected: n2. To protect them, add them to group "k8s_cluster"',
    ])
    expect(inventoryOf(`${node('k8s_cluster')}\nk8s-cluster: {hosts: {n1: }}\n`).warnings).toEqual(
      [],
    )
  })

  it.each([
    ['a bastion', BASTION, 'hosts of group "bastion": b'],
    [
      'a cluster by another name',
      `${node('k3s_cluster')}\nx: {hosts: {b: {ansible_host: 198.51.100.7}}}`,
      'hosts outside group "k3s_cluster": b',
    ],
  ])('warns by name where it protects all, and there is %s', (_, text, said) => {
    const inventory = inventoryOf(`${text}\nall: {hosts: {n1: {ansible_host: 10.0.0.1}}}\n`)
    expect(inventory.group).toBe('all')
    expect(inventory.warnings).toEqual([
      expect.stringContaining(
        `because the inventory has no group k8s_cluster and no fw_group. That includes ${said}`,
      ),
    ])
  })

  const KUBESPRAY = `
[kube_control_plane]
cp1 ansible_host=10.0.0.1
cp2 ansible_host=10.0.0.2
[etcd:children]
kube_control_plane
[kube_node]
w1 ansible_host=10.0.0.3
[calico_rr]
`

  it('makes k8s_cluster as Kubespray does, where the inventory does not state it', () => {
    const inventory = inventoryOf(KUBESPRAY)
    expect([inventory.group, inventory.warnings]).toEqual(['k8s_cluster', []])
    expect(inventory.hostsToProtect.map(({ name }) => name)).toEqual(['cp1', 'cp2', 'w1'])
  })

  it('names who is outside a made group: no node, nor a member, until the inventory says so', () => {
    const nfs = '[nfs]\nnfs1 ansible_host=10.0.0.9\n'
    const inventory = inventoryOf(`${KUBESPRAY}${nfs}`)
    expect(inventory.warnings).toEqual([
      expect.stringContaining(
        'makes it from: kube_control_plane, kube_node. These hosts are not in it',
      ),
    ])
    expect(inventory.warnings[0]).toContain('does not add them to the set: nfs1.')
    expect(setMembers(inventory, hostIn(inventory, 'w1'))).toEqual([
      '10.0.0.1',
      '10.0.0.2',
      '10.0.0.3',
    ])
    const stated = `${KUBESPRAY}${nfs}[k8s_cluster:children]\nkube_control_plane\nkube_node\n`
    expect(inventoryOf(stated)).toMatchObject({ warnings: [], nodes: inventory.nodes })
    expect(inventoryOf(`${KUBESPRAY}${nfs}`, 'fw_group=all').warnings).toEqual([])
    expect(inventoryOf(`${KUBESPRAY}${nfs}`, 'fw_group=kube_node').warnings).toHaveLength(2)
  })

  it('names the members that it does not protect, and says how to protect them, and that helps', () => {
    const [warning = '', ...others] = inventoryOf(KUBESPRAY, 'fw_group=kube_node').warnings
    expect(others).toEqual([])
    expect(warning).toContain('-e fw_group: fw-run does not protect these hosts, because they are')
    expect(warning).toContain('not in group "kube_node": cp1, cp2. But all nodes trust them')
    expect(warning).toContain('If one of them is not a node, take it out of group k8s_cluster')
    const [, said = ''] = /set fw_group to (\w+),/.exec(warning) ?? []
    expect(inventoryOf(KUBESPRAY, `fw_group=${said}`).warnings).toEqual([])
  })

  it('names them also where no group says who is a node, until one does', () => {
    const text = `all: {vars: {fw_group: w}}\nw: {hosts: {n1: {ansible_host: 10.0.0.1}}}\n${BASTION}\n`
    expect(inventoryOf(text).warnings).toEqual([
      expect.stringMatching(
        /^inventory\.yaml:1:\d+: .* not in group "w": b\. .* fw_group to all, .* make a group k8s_cluster that has only the nodes$/,
      ),
    ])
    expect(inventoryOf(`${text}k8s_cluster: {children: {w: }}\n`).warnings).toEqual([])
  })

  it('makes it of old names of Kubespray, too, and of hosts in groups below', () => {
    const old = `kube-master: {children: {a: {hosts: {cp1: {ansible_host: 10.0.0.1}}}}}
kube-node: {hosts: {w1: {ansible_host: 10.0.0.2}}}
calico-rr: {hosts: {rr1: {ansible_host: 10.0.0.3}}}
other: {hosts: {x: {ansible_host: 10.0.0.4}}}\n`
    const { hostsToProtect, warnings } = inventoryOf(old)
    expect(hostsToProtect.map(({ name }) => name)).toEqual(['cp1', 'w1', 'rr1'])
    expect(warnings[0]).toContain('from: kube-master, kube-node, calico-rr. ')
  })

  it.each([
    ['kube_master', 'kube_node'],
    ['masters', 'k3s_nodes'],
  ])('never offers workers alone as the cluster (%s, %s)', (master, nodes) => {
    const text = `${master}: {hosts: {cp1: {ansible_host: 10.0.0.1}}}
${nodes}: {hosts: {w1: {ansible_host: 10.0.0.2}}}\n`
    expect(inventoryOf(text)).toMatchObject({ group: 'all', warnings: [] })
    const [warning = ''] = inventoryOf(
      `${text}x: {hosts: {b: {ansible_host: 10.0.0.3}}}\n`,
    ).warnings
    expect(warning).toContain(`outside groups "${nodes}" and "${master}": b. If`)
    expect(warning).toContain(`k8s_cluster: { children: { ${nodes}: , ${master}: } }`)
    expect(warning).toContain(`with the line \`${nodes}\` and the line \`${master}\``)
  })

  it('says what to write so that only the nodes are protected and in the set, and that helps', () => {
    const hosts = 'hosts: {n1: {ansible_host: 10.0.0.1}, b: {ansible_host: 198.51.100.7}}'
    const all = (more: string) =>
      `all:\n  ${hosts}\n  children:\n    kube_node: {hosts: {n1: }}\n${more}`
    const [warning = ''] = inventoryOf(all('')).warnings
    const [, said = ''] = /the "children" of "all": `([^`]+)`/.exec(warning) ?? []
    const inventory = inventoryOf(all(`    ${said}\n`))
    expect([inventory.group, inventory.warnings]).toEqual(['k8s_cluster', []])
    expect(setMembers(inventory, hostIn(inventory, 'n1'))).toEqual(['10.0.0.1'])
  })

  it('says that also for INI', () => {
    const text = 'n1 ansible_host=10.0.0.1\nb ansible_host=198.51.100.7\n[kubernetes]\nn1\n'
    const [warning = ''] = inventoryOf(text).warnings
    const [, section, line] =
      /in INI, a section `([^`]+)` with the line `([^`]+)`/.exec(warning) ?? []
    const inventory = inventoryOf(`${text}${section}\n${line}\n`)
    expect([inventory.group, inventory.warnings]).toEqual(['k8s_cluster', []])
    expect(setMembers(inventory, hostIn(inventory, 'n1'))).toEqual(['10.0.0.1'])
  })

  it('is silent where the cluster by another name has all hosts, or none', () => {
    expect(inventoryOf(`${node('k3s_cluster')}\nbastion: {}\n`).warnings).toEqual([])
    expect(inventoryOf(`kubernetes: {hosts: }\n${node('x')}\n`).warnings).toEqual([])
  })

  it('names five hosts, and counts the others', () => {
    const inventory = inventoryOf(`${node('k8s-cluster')}\nx: {hosts: {"10.9.0.[1:7]": }}\n`)
    expect(inventory.warnings[0]).toContain(
      'stay unprotected: 10.9.0.1, 10.9.0.2, 10.9.0.3, 10.9.0.4, 10.9.0.5 and 2 more. To',
    )
  })

  it('refuses a group that cannot be read, rather than take the default', () => {
    const { message } = faultOf(() =>
      inventoryOf(`all: {vars: {fw_group: "{{ g }}"}}\n${BASTION}\n`),
    )
    expect(message).toBe('inventory.yaml:1:24: fw_group: templates ({{ … }}) are not evaluated')
  })
})

it('warns of the machine that fw-run runs on among hosts that may not all be nodes', () => {
  const local = 'localhost: {ansible_connection: local, fw_addresses: [10.0.0.77]}'
  const hosts = (...lines: readonly string[]) =>
    `all:\n  vars: {fw_interface: eth0}\n  hosts:\n    ${[local, ...lines].join('\n    ')}\n`
  const node = 'n1: {ansible_host: 10.0.0.1}'
  expect(inventoryOf(hosts(node)).warnings).toEqual([
    expect.stringMatching(/protects host localhost, the machine .* make a group k8s_cluster/),
  ])
  const named = `${hosts(node)}  children:\n    k8s_cluster: {hosts: {n1: , localhost: }}\n`
  for (const text of [hosts(), named]) expect(inventoryOf(text).warnings).toEqual([])
})
