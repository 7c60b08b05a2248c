import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseInventory } from '../../../src/inventory/load.ts'
import { setMembers } from '../../../src/inventory/members.ts'
import { faultOf, hostIn } from '../fault.ts'

const read = (text: string, file = 'cluster.yml') => parseInventory(text, file, { extraVars: [] })
const faultIn = (text: string) => faultOf(() => read(text)).message.split('\n')

describe('an inventory may be the cluster.yml of RKE', () => {
  const RKE = `
ssh_key_path: ~/.ssh/cluster
nodes:
- address: 192.0.2.11
  port: "2222"
  internal_address: 10.9.0.11
  role: [controlplane, etcd]
  hostname_override: cp1
  user: ops
  ssh_key: ""
- address: 192.0.2.21
  internal_address: ""
  role: worker
  user: ubuntu
  ssh_key_path: /keys/w1
services:
  kube-api: {service_cluster_ip_range: 10.43.0.0/16}
bastion_host: {address: 198.51.100.5, user: jump, port: "2200", ssh_key_path: /keys/jump}
network: {plugin: calico}
`

  it('with names, logins, roles and all addresses', () => {
    const inventory = read(RKE)
    expect(inventory.hostsToProtect.map(({ name }) => name)).toEqual(['cp1', '192.0.2.21'])
    expect(hostIn(inventory, 'cp1')).toMatchObject({
      address: '192.0.2.11',
      ...{ port: 2222, user: 'ops' },
      privateKeyFile: expect.stringMatching(/\/\.ssh\/cluster$/),
      groups: ['etcd', 'k8s_cluster', 'kube_control_plane'],
      settings: { serviceCidrs: ['10.43.0.0/16'] },
    })
    expect(hostIn(inventory, '192.0.2.21')).toMatchObject({
      port: undefined,
      privateKeyFile: '/keys/w1',
    })
    const [first] = inventory.hostsToProtect
    expect(first && setMembers(inventory, first)).toEqual(['10.9.0.11', '192.0.2.11', '192.0.2.21'])
    expect(inventory.warnings.join()).toContain('ssh_key_path of the bastion is not used')
  })

  it('with faults at their lines', () => {
    expect(faultIn('nodes:\n- role: [worker]\n- {address: 192.0.2.1, port: "x"}\n')).toEqual([
      'cluster.yml:2:3: a node of RKE has no address',
      expect.stringMatching(/^cluster\.yml:3:30: ansible_port: "x" is not a port/),
    ])
    expect(faultIn('nodes:\n- address: 192.0.2.1\n- address: 192.0.2.1\n')).toEqual([
      'cluster.yml:3:3: host "192.0.2.1" is listed twice',
    ])
    expect(
      faultIn('nodes:\n- address: 192.0.2.1\nbastion_host: {address: "a -oProxyCommand=x"}\n')[0],
    ).toMatch(/^cluster\.yml:3:1: the address, user or port of the bastion has/)
  })
})

describe('an inventory may be a k0sctl.yaml', () => {
  const K0SCTL = `
apiVersion: k0sctl.k0sproject.io/v1beta1
kind: Cluster
spec:
  hosts:
  - role: controller
    ssh: {address: 192.0.2.1, user: ops, port: 2222, keyPath: keys/id}
    privateAddress: 10.9.0.1
  - role: controller+worker
    hostname: both
    ssh:
      address: 192.0.2.2
      bastion: {address: 198.51.100.5}
  - role: worker
    openSSH: {address: w1.example}
    privateAddress: 10.9.0.3
  k0s:
    config: {spec: {network: {serviceCIDR: 10.96.0.0/12}}}
`

  it('with names, logins and all addresses; it protects those that run pods', () => {
    const inventory = read(K0SCTL, '/etc/k0sctl.yaml')
    expect(inventory.group).toBe('kube_node')
    expect(inventory.hostsToProtect.map(({ name }) => name)).toEqual(['both', 'w1.example'])
    expect(hostIn(inventory, '192.0.2.1')).toMatchObject({
      ...{ user: 'ops', port: 2222, privateKeyFile: resolve('keys/id') },
      settings: { serviceCidrs: ['10.96.0.0/12'] },
    })
    expect(hostIn(inventory, 'both').user).toBe('root')
    expect(hostIn(inventory, 'w1.example').user).toBeUndefined()
    const [first] = inventory.hostsToProtect
    const members = ['10.9.0.1', '10.9.0.3', '192.0.2.1', '192.0.2.2']
    expect(first && setMembers(inventory, first)).toEqual(members)
    // Nobody can write groups into such a file, so no remedy would help.
    expect(inventory.warnings).toEqual([])
    const both = { extraVars: ['fw_group=k8s_cluster'] }
    expect(parseInventory(K0SCTL, 'cluster.yml', both).warnings).toEqual([])
  })

  it('and warns of no controller where each runs pods', () => {
    const inventory = read(K0SCTL.replace('controller\n', 'controller+worker\n'))
    expect(inventory.hostsToProtect).toHaveLength(3)
    expect(inventory.warnings).toEqual([])
  })

  it('but not one whose controller is known by a name only: workers would stop its packets', () => {
    const text = K0SCTL.replace('address: 192.0.2.1,', 'address: cp1.example,')
    expect(faultIn(text.replace('    privateAddress: 10.9.0.1\n', ''))[0]).toContain(
      'cluster.yml:6:5: host "cp1.example" has no IPv4 address for the set',
    )
    expect(read(text, '/etc/k0sctl.yaml').nodes).toHaveLength(3)
  })

  it('and warns of what only ssh would use', () => {
    const lines = '{address: 192.0.2.9, configPath: cfg, options: {ProxyJump: gate}}'
    const text = `apiVersion: k0sctl.k0sproject.io/v1beta1\nspec:\n  hosts:\n  - {role: single, openSSH: ${lines}}\n`
    expect(read(text).warnings).toEqual([
      expect.stringMatching(/configPath of openSSH is not used: give that file with -F$/),
      expect.stringMatching(/options of openSSH are not used: write them into ~\/\.ssh\/config/),
    ])
  })

  it('with faults at their lines', () => {
    const head = 'apiVersion: k0sctl.k0sproject.io/v1beta1\nspec:\n  hosts:\n'
    expect(faultIn(`${head}  - role: boss\n    ssh: {address: 192.0.2.1}\n`)).toEqual([
      'cluster.yml:4:5: "boss" is not a role of k0sctl',
    ])
    expect(faultIn(`${head}  - role: worker\n`)[0]).toContain('neither an address nor a hostname')
    expect(faultIn(`${head}  - {role: worker, winRM: {address: 192.0.2.1}}\n`)[0]).toMatch(
      /"winrm" is not supported; use ssh, or local/,
    )
  })
})

describe('an inventory may be what kubectl printed', () => {
  const node = (name: string, addresses: object[], annotations = {}, labels = {}) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, annotations, labels },
    status: { addresses, conditions: [{ type: 'Ready', status: 'False' }] },
  })
  const internal = (address: string) => ({ type: 'InternalIP', address })
  const list = (...items: object[]) => ({ apiVersion: 'v1', items, kind: 'List' })
  const LIST = list(
    node(
      'cp1',
      [
        internal('fd00::1'),
        internal('10.0.0.1'),
        { type: 'ExternalIP', address: '203.0.113.1' },
        { type: 'Hostname', address: 'cp1' },
      ],
      {
        'projectcalico.org/IPv4Address': '10.8.0.1/24',
        'projectcalico.org/IPv4VXLANTunnelAddr': '10.42.0.1',
      },
      { 'node-role.kubernetes.io/control-plane': '' },
    ),
    node('w1', [internal('10.0.0.2')], {
      'flannel.alpha.coreos.com/public-ip': '10.0.0.2',
      'k3s.io/internal-ip': '10.0.0.2,fd00:0::2',
    }),
  )

  it('in JSON: addresses by their type, those of Calico and flannel too, ready or not', () => {
    const inventory = read(JSON.stringify(LIST, null, 4), 'nodes.json')
    expect(inventory.hostsToProtect.map(({ name, address }) => [name, address])).toEqual([
      ['cp1', '10.0.0.1'],
      ['w1', '10.0.0.2'],
    ])
    expect(hostIn(inventory, 'cp1').groups).toEqual(['k8s_cluster', 'kube_control_plane'])
    expect(hostIn(inventory, 'cp1').settings.addresses).toEqual([
      ...['fd00::1', '10.0.0.1', '203.0.113.1', '10.8.0.1'],
    ])
    expect(hostIn(inventory, 'w1').settings.addresses).toEqual(['10.0.0.2', 'fd00::2'])
  })

  it('in YAML, of one node too', () => {
    const yaml = `apiVersion: v1
items:
- apiVersion: v1
  kind: Node
  metadata:
    annotations: {projectcalico.org/IPv4Address: 10.8.0.1/24, other: "{{ x }}"}
    name: w1
  status:
    addresses:
    - {address: 10.0.0.1, type: InternalIP}
kind: List
`
    expect(hostIn(read(yaml), 'w1').settings.addresses).toEqual(['10.0.0.1', '10.8.0.1'])
    const one = JSON.stringify(node('w1', [internal('10.0.0.1')]))
    expect(read(one).hosts.map(({ address }) => address)).toEqual(['10.0.0.1'])
  })

  it('but not without nodes, or with nodes without addresses', () => {
    expect(faultIn(JSON.stringify(list()))).toEqual(['cluster.yml: lists no nodes'])
    expect(faultIn(JSON.stringify(list(node('w1', []))))).toEqual([
      'cluster.yml: node w1: has no address: neither InternalIP nor ExternalIP',
    ])
    expect(faultIn(JSON.stringify(list({ kind: 'Pod' })))[0]).toContain('objects of kind "Pod"')
    expect(faultIn('NAME   STATUS   ROLES   AGE   VERSION\nw1 Ready x 1d v1\n')[0]).toBe(
      'cluster.yml:1: this is the table of kubectl, which has no addresses of nodes',
    )
  })

  it('but not half of it', () => {
    expect(faultIn(JSON.stringify(LIST, null, 1).slice(0, 300))[0]).toMatch(/is not closed/)
  })

  it('read for 1,000 nodes without taking long', () => {
    const images = Array.from({ length: 50 }, (_, n) => ({
      names: [`image${n}@sha256:${'a'.repeat(64)}`],
    }))
    const nodes = Array.from({ length: 1000 }, (_, n) => {
      const one = node(`n${n}`, [internal(`10.0.${n >> 8}.${n & 255}`)])
      return { ...one, status: { ...one.status, images } }
    })
    const text = JSON.stringify(list(...nodes), null, 4)
    const before = process.cpuUsage()
    expect(read(text, 'nodes.json').hosts).toHaveLength(1000)
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1e6).toBeLessThan(10)
  })
})
