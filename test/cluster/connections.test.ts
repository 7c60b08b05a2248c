import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { findConnections } from '../../src/cluster/connections.ts'
import { renderConnections } from '../../src/report/connections.ts'
import { beginRun } from '../../src/runs/run.ts'
import type { RunSettings } from '../../src/runs/run-settings.ts'
import { openSshConfig } from '../../src/ssh-config/ssh-config.ts'
import { inventoryOf } from '../inventory/fault.ts'

const directory = mkdtempSync(join(tmpdir(), 'fw-run-connections-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const viewer = { emit: () => {}, flushed: async () => {} }
const run = beginRun('inventory', 4, viewer, new AbortController().signal)

async function shown(config: string, hosts: string, settings: Partial<RunSettings> = {}) {
  const file = join(directory, 'config')
  writeFileSync(file, config, { mode: 0o600 })
  const inventory = inventoryOf(`all: {vars: {fw_interface: ens18}, hosts: ${hosts}}`)
  const selection = {
    ...{ inventory, hosts: inventory.hostsToProtect, unfinished: [] },
    sshConfig: openSshConfig({ file }),
  }
  const connections = await findConnections(selection, settings as RunSettings, run)
  return renderConnections(connections).slice(2)
}

it('shows for each host where each value of its connection comes from', async () => {
  const config = `Host node1
  HostName 10.0.0.1
  User ops
  Port 2222
  IdentityFile /keys/cluster
  ProxyJump gate,inner
`
  const hosts =
    '{node1: {fw_addresses: 10.0.0.1}, node2: {ansible_host: 10.0.0.2, ansible_user: me, ansible_port: 22}}'
  expect(await shown(config, hosts, { privateKey: 'k' })).toEqual([
    '  node1',
    '    address   10.0.0.1 (the SSH configuration)',
    '    port      2222 (the SSH configuration)',
    '    user      ops (the SSH configuration)',
    '    key       k (--private-key)',
    '    bastions  gate, then inner (the SSH configuration)',
    '  node2',
    '    address  10.0.0.2 (the inventory)',
    '    port     22 (the inventory)',
    '    user     me (the inventory)',
    '    key      k (--private-key)',
  ])
})

it('asks ssh nothing about the jump host itself', async () => {
  const hosts =
    '{node1: {ansible_connection: local, ansible_host: 10.0.0.1, ansible_user: nobody-here}}'
  const config = 'Host *\n  ProxyCommand nc %h %p\n'
  expect(await shown(config, hosts, { transport: 'ssh2' })).toEqual([
    '  node1',
    '    connection  local (the inventory)',
    `    user        ${userInfo().username} (the user of fw-run)`,
  ])
})

it('shows what the inventory says over the configuration, and the defaults', async () => {
  const hosts = '{node1: {ansible_host: 10.0.0.1, ansible_user: me}}'
  expect(await shown('Host *\n  User ops\n', hosts, { user: 'flag' })).toEqual([
    '  node1',
    '    address  10.0.0.1 (the inventory)',
    '    port     22 (the default)',
    '    user     me (the inventory)',
    '    key      the ssh-agent and the usual files (the default)',
  ])
})
