import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { loadInventory } from '../../src/inventory/load.ts'
import { setMembers } from '../../src/inventory/members.ts'
import { faultOfAsync } from './fault.ts'

const FOLDER = new URL('posted/', import.meta.url).pathname

const load = (name: string, flags: { askBecomePass?: boolean } = {}) =>
  loadInventory([`${FOLDER}${name}`], { extraVars: [], ...flags })

/** Inventories that people posted and that work: the group, its hosts, the set, and words of the only warnings. */
const GOOD: Record<string, readonly [group: string, hosts: string, set: string, ...string[]]> = {
  'dual-stack.yaml': ['k8s_cluster', 'node1 node2 node3', '172.30.41.77 172.30.41.78 172.30.41.79'],
  'public-and-private-addresses.yaml': [
    'all',
    'k8s-node-001 k8s-node-002',
    '10.10.128.4 10.10.128.12 198.51.100.90 198.51.100.98',
  ],
  'k3s-ranges.yml': ['all', '10.10.0.91 10.10.0.94 10.10.0.95', '10.10.0.91 10.10.0.94 10.10.0.95'],
  'old-kubespray-with-bastion.yaml': [
    'k8s-cluster',
    'node1 node2',
    '192.168.19.247 192.168.19.248',
    ':25:5: fw-run protects only group "k8s-cluster". These hosts stay unprotected: bastion.',
  ],
  'old-kubespray-printed-by-ansible.yml': [
    'k8s-cluster',
    'node1',
    '10.0.0.1',
    'These hosts stay unprotected: bastion.',
  ],
  'kubespray-printed-by-ansible.yml': ['k8s_cluster', 'node1', '10.0.0.1'],
  'encrypted-foreign-variable.yml': ['all', 'node1', '10.0.0.1'],
}

/** Those that do not: the lines that say why, and words of the remedy. */
const BAD: Record<string, readonly [remedy: string, ...lines: readonly string[]]> = {
  'encrypted-file.yml': ['ansible-vault decrypt', ':1: this file is encrypted with ansible-vault'],
  'kubespray.ini': ['Add a section [kube-node]', ':9:1: group "kube-node" is not declared'],
  'hosts-without-colon.yml': [
    'on its own line, with ":" after it:\n    10.10.0.95:\n    10.10.0.94:',
    ':8:9: hosts: a ":" is missing after each name',
  ],
  'encrypted-password.yml': [
    'Give that password with -K instead of ansible_become_password.',
    ':4:37: ansible_become_password: is encrypted with ansible-vault',
  ],
  'templates.yaml': [
    'Write a plain value for ansible_host.',
    ':13:9: host "node1" has no IPv4 address for the set',
    ':16:9: host "node2" has no IPv4 address for the set',
    ':17:32: ansible_host: has a template that fw-run does not evaluate',
  ],
  'hosts-in-a-list.yml': ['"name:", without a dash', ':3:5: hosts: must be a mapping, not a list'],
  'tabs.yml': ['Indent with spaces.', ':3:1: not YAML: this line is indented with a tab'],
}

describe('inventories that people posted', () => {
  it.each(Object.entries(GOOD))('%s is understood', async (name, [group, hosts, set, ...said]) => {
    const inventory = await load(name)
    expect(inventory.group).toBe(group)
    expect(inventory.hostsToProtect.map((host) => host.name).join(' ')).toBe(hosts)
    for (const host of inventory.hostsToProtect) {
      expect(setMembers(inventory, host).join(' ')).toBe(set)
    }
    expect(inventory.warnings).toEqual(said.map((words) => expect.stringContaining(words)))
  })

  it.each(Object.entries(BAD))('%s is refused, with a remedy', async (name, [remedy, ...lines]) => {
    const fault = await faultOfAsync(load(name))
    expect(fault.code).toBe('inventory')
    expect(fault.message.split('\n')).toEqual(
      lines.map((line) => expect.stringContaining(`${FOLDER}${name}${line}`)),
    )
    expect(fault.remedy).toContain(remedy)
  })

  it('encrypted-password.yml works with -K', async () => {
    const { hostsToProtect } = await load('encrypted-password.yml', { askBecomePass: true })
    expect(hostsToProtect).toMatchObject([{ name: 'node1', becomePassword: undefined }])
  })

  it('are all tested', async () => {
    expect((await readdir(FOLDER)).sort()).toEqual(
      [...Object.keys(GOOD), ...Object.keys(BAD)].sort(),
    )
  })
})
