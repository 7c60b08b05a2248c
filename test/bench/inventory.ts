import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { parseArguments } from '../../src/cli/parse-arguments.ts'
import { findConnections } from '../../src/cluster/connections.ts'
import { selectHosts } from '../../src/cluster/select-hosts.ts'
import { optimiseLate } from '../../src/main/optimise-late.ts'
import { beginRun } from '../../src/runs/run.ts'
import { table } from './measuring/statistics.ts'

/**
 * What it costs to read an inventory of so many hosts as Kubespray writes it, with group_vars and an SSH configuration with
 * a bastion: CPU of this process, its other threads included, without starting Node and without the ssh that is asked.
 * Measure once in a process, as each run is cold. Throws if hosts are missing.
 */
export async function inventoryLines(count: number): Promise<readonly string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'fw-run-bench-'))
  try {
    writeInventory(directory, count)
    const words = ['inventory', '-v', '-i', join(directory, 'hosts.yaml')]
    const parsed = parseArguments([...words, '-F', join(directory, 'ssh_config')])
    if (parsed.kind !== 'invocation') throw new Error('These are no good arguments.')
    const { settings } = parsed.invocation
    const viewer = { emit: () => {}, flushed: async () => {} }
    const run = beginRun('inventory', settings.forks, viewer, new AbortController().signal)
    optimiseLate()
    const begun = process.cpuUsage()
    const selection = await selectHosts(settings, run)
    const read = milliseconds(process.cpuUsage(begun))
    const found = await findConnections(selection, settings, run)
    const all = milliseconds(process.cpuUsage(begun))
    if (found.size !== count) throw new Error(`${found.size} hosts were found.`)
    return table(
      ['work', 'CPU, ms'],
      [
        ['inventory and group_vars', read.toFixed(0)],
        ['the SSH configuration of each host', (all - read).toFixed(0)],
        ['together', all.toFixed(0)],
      ],
    )
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function writeInventory(directory: string, count: number): void {
  const names = Array.from({ length: count }, (_, i) => `node${i + 1}`)
  const address = (i: number): string => `10.20.${i >> 8}.${i & 255}`
  const group = (some: readonly string[]) => ({
    hosts: Object.fromEntries(some.map((name) => [name, {}])),
  })
  const hosts = names.map((name, i) => [
    name,
    { ansible_host: address(i), ip: address(i), access_ip: address(i) },
  ])
  const inventory = {
    all: {
      hosts: Object.fromEntries(hosts),
      children: {
        kube_control_plane: group(names.slice(0, 3)),
        etcd: group(names.slice(0, 3)),
        kube_node: group(names),
        k8s_cluster: { children: { kube_control_plane: {}, kube_node: {} } },
      },
    },
  }
  const others = (prefix: string, many: number) =>
    Object.fromEntries(Array.from({ length: many }, (_, i) => [`${prefix}_${i}`, `value ${i}`]))
  const files = {
    'hosts.yaml': stringify(inventory),
    'group_vars/all/all.yml': stringify({
      ...{ ...others('general', 80), ansible_user: 'ops', fw_interface: 'ens18' },
    }),
    'group_vars/k8s_cluster/k8s-cluster.yml': stringify({
      ...{ ...others('cluster', 120), kube_pods_subnet: '10.233.64.0/18' },
    }),
    ssh_config: `Host bastion\n  HostName 192.0.2.1\nHost 10.20.1.*\n  ProxyJump bastion\nHost *\n  ConnectTimeout 10\n`,
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000
}
