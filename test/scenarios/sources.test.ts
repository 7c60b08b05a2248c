import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleGuard, firewalls, fwRun, guards } from './fw-run.ts'

const addresses = ['192.168.64.11', '192.168.64.12', '192.168.64.13']
const flags = ['-u', 'ops', '--interface', 'ens18']
const groupVars = {
  'all/all.yml': 'ansible_user: ops\n',
  'k8s_cluster/fw.yml': 'fw_interface: ens18\n',
}

interface Source {
  /** What `-i` is given; a file of `files`, or a word. */
  readonly inventory: string
  readonly files?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly flags?: readonly string[]
}

function withGroupVars(directory: string, name: string, text: string): Source {
  const vars = Object.entries(groupVars).map(([file, lines]) => [
    `${directory}/group_vars/${file}`,
    lines,
  ])
  return {
    inventory: `${directory}/${name}`,
    files: { [`${directory}/${name}`]: text, ...Object.fromEntries(vars) },
  }
}

const kubesprayYaml = `all:
  hosts:
${addresses.map((one, at) => `    node${at + 1}:\n      ansible_host: ${one}\n      ip: ${one}\n      access_ip: ${one}\n`).join('')}  children:
    kube_control_plane: { hosts: { node1: } }
    kube_node: { hosts: { node1: , node2: , node3: } }
    etcd: { hosts: { node1: } }
    k8s_cluster: { children: { kube_control_plane: , kube_node: } }
    calico_rr: { hosts: {} }
`
const kubesprayIni = `[all]
${addresses.map((one, at) => `node${at + 1} ansible_host=${one} ip=${one} etcd_member_name=etcd${at + 1}\n`).join('')}
[kube_control_plane]
node1
[etcd]
node1
[kube_node]
node[1:3]
[k8s_cluster:children]
kube_control_plane
kube_node
`
const rke = `cluster_name: floor
nodes:
${addresses.map((one) => `- address: ${one}\n  user: ops\n  role: [controlplane, worker, etcd]\n`).join('')}network: { plugin: canal }
`
const k0sctl = `apiVersion: k0sctl.k0sproject.io/v1beta1
kind: Cluster
spec:
  hosts:
${addresses.map((one) => `  - role: controller+worker\n    ssh: { address: ${one}, user: ops }\n`).join('')}`
const nodes = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: addresses.map((address, at) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `node${at + 1}`, labels: {} },
    status: {
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: `node${at + 1}` },
      ],
    },
  })),
})
const script = `#!/bin/sh
[ "$1" = --list ] || exit 1
echo '${JSON.stringify({ nodes: { hosts: addresses, vars: { ansible_user: 'ops', fw_interface: 'ens18' } }, _meta: { hostvars: {} } })}'
`

const sources: Readonly<Record<string, Source>> = {
  "Kubespray's hosts.yaml": withGroupVars('spray', 'hosts.yaml', kubesprayYaml),
  "Kubespray's inventory.ini": withGroupVars('old', 'inventory.ini', kubesprayIni),
  "RKE's cluster.yml": {
    ...{ inventory: 'cluster.yml', files: { 'cluster.yml': rke } },
    flags: ['--interface', 'ens18'],
  },
  'k0sctl.yaml': {
    ...{ inventory: 'k0sctl.yaml', files: { 'k0sctl.yaml': k0sctl } },
    flags: ['--interface', 'ens18'],
  },
  "kubectl's JSON on stdin": { inventory: '-', stdin: nodes, flags },
  'a script': { inventory: './script.sh', files: { 'script.sh': script } },
  'a list of addresses': { inventory: addresses.join(','), flags },
}

describe('the main job, from the inventory that is there', () => {
  let lab: Lab
  let before: readonly string[]
  beforeAll(async () => {
    lab = await startLab({ hosts: 3 })
    before = await firewalls(lab)
  })
  afterAll(() => lab.stop())

  it.each(Object.entries(sources))(
    '%s',
    async (_, { inventory, files = {}, stdin, flags = [] }) => {
      for (const [name, text] of Object.entries(files)) await lab.file(name, text)
      await lab.jump.run('chmod +x script.sh 2>/dev/null')
      const run = async (command: string): Promise<void> => {
        const env = { FW_RUN_INVENTORY: inventory }
        const { code, stdout, stderr } = await fwRun(lab, [command, ...flags], {
          ...{ env, ...(stdin !== undefined && { stdin }) },
        })
        expect(code === 0 ? 'done' : `${code}\n${stdout}\n${stderr}`).toBe('done')
      }
      await run('apply')
      for (const { name } of lab.hosts) expect(await guards(lab, name)).toEqual([articleGuard])
      const [one, two] = [lab.pod(1), lab.pod(2)]
      const [bySubnet, byPod, byNode] = await Promise.all([
        lab.outsider.canPing(two.address),
        one.canPing(two.address),
        lab.host('node1').canPing(two.address),
      ])
      expect({ bySubnet, byPod, byNode }).toEqual({ bySubnet: false, byPod: true, byNode: true })
      await run('status')
      await run('remove')
      expect(await firewalls(lab)).toEqual(before)
      expect(await lab.outsider.canPing(two.address)).toBe(true)
    },
  )
})
