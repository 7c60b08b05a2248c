import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { reportMissingAddresses } from '../../../src/inventory/hosts/missing-addresses.ts'
import { loadInventory } from '../../../src/inventory/load.ts'
import { faultOf, faultOfAsync, inventoryOf } from '../fault.ts'

describe(reportMissingAddresses.name, () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fw-run-'))
  })
  afterAll(() => rm(folder, { recursive: true }))
  afterEach(() => vi.unstubAllEnvs())

  const faultOfHosts = async (hosts: string, group = 'all') => {
    const file = join(folder, 'hosts.yaml')
    await writeFile(file, `all:\n  hosts:\n${hosts}`)
    const { message, remedy } = await faultOfAsync(
      loadInventory([file], { extraVars: [`fw_group=${group}`] }),
    )
    return { message: message.replaceAll(`${folder}/`, ''), remedy }
  }

  it('gives the line to add, with the address that the name resolves to', async () => {
    // The C library reads this as a number of 32 bits, so it resolves without any name server.
    const { message, remedy } = await faultOfHosts('    node1: {ansible_host: 0xc0000207}\n')
    expect(message).toBe('hosts.yaml:3:5: host "node1" has no IPv4 address for the set')
    expect(remedy).toMatch(
      /On this machine the names resolve to:\n {4}node1: \{ fw_addresses: \[192\.0\.2\.7\] \}$/,
    )
  })

  it('gives it also for a node that is not to be protected', async () => {
    const { message, remedy } = await faultOfHosts(
      '    cp1: {ansible_host: 0xc0000207}\n    w1: {ansible_host: 192.0.2.1}\nworkers: {hosts: {w1: }}\n',
      'workers',
    )
    expect(message).toContain('host "cp1" has no IPv4 address for the set: protected hosts would')
    expect(remedy).toContain('\n    cp1: { fw_addresses: [192.0.2.7] }')
  })

  it('says what to set where a name does not resolve, or only to this machine itself', async () => {
    const { message, remedy } = await faultOfHosts(
      '    nowhere.invalid:\n    localhost:\n    n3: {ansible_host: "fd00::3"}\n',
    )
    expect(message.split('\n')).toHaveLength(3)
    expect(remedy).toBe(
      'Set fw_addresses to the IPv4 addresses from which this host sends packets to other nodes. If it is no node of the cluster, make a group k8s_cluster that has only the nodes.',
    )
  })

  it('lets IPv6 be enough for a guard that has a use for it, and asks name servers for both families', async () => {
    await writeFile(
      join(folder, 'getent'),
      '#!/bin/sh\n[ "$1" = ahosts ] && echo "FD00::07 STREAM n1"\necho "192.0.2.7 STREAM n1"\n',
      { mode: 0o755 },
    )
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`)
    const { message, remedy } = await faultOfHosts(
      '    n1: {fw_guard: nft}\n    n2: {ansible_host: "fd00::2", fw_guard: nft}\n    n3: {ansible_host: "fd00::3"}\n',
    )
    expect(message.split('\n')).toEqual([
      'hosts.yaml:3:5: host "n1" has no IP address for the set',
      'hosts.yaml:5:5: host "n3" has no IPv4 address for the set',
    ])
    expect(remedy).toContain('\n    n1: { fw_addresses: [fd00::7, 192.0.2.7] }')
  })

  it('waits a short time for name servers that do not answer', async () => {
    await writeFile(join(folder, 'getent'), '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 })
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`)
    const { remedy } = await faultOfHosts('    slow[1:40].example:\n')
    expect(remedy).toBe(
      'Set fw_addresses to the IPv4 addresses from which this host sends packets to other nodes. If it is no node of the cluster, make a group k8s_cluster that has only the nodes.',
    )
  })

  it('gives a host the address that its name resolves to, where nobody has written an inventory yet', async () => {
    const options = { extraVars: [], resolvesNames: true }
    const { hostsToProtect } = await loadInventory(['0xc0000207,0xc0000208'], options)
    expect(hostsToProtect.map(({ settings }) => settings.addresses)).toEqual([
      ['192.0.2.7'],
      ['192.0.2.8'],
    ])
    await writeFile(
      join(folder, 'getent'),
      '#!/bin/sh\necho "192.0.2.7 STREAM n1"\necho "192.0.2.8 STREAM n1"\n',
      { mode: 0o755 },
    )
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`)
    const two = await faultOfAsync(loadInventory(['n1,'], options))
    expect(two.remedy).toContain('n1: { fw_addresses: [192.0.2.7, 192.0.2.8] }')
    vi.unstubAllEnvs()
    const remedyWithoutAddress = 'Give the address of that host in place of its name.'
    const none = await faultOfAsync(
      loadInventory(['nowhere.invalid,'], { ...options, remedyWithoutAddress }),
    )
    expect(none.remedy).toBe(remedyWithoutAddress)
  })

  it('asks nobody where only a text is parsed', () => {
    const fault = faultOf(() => inventoryOf('all: {hosts: {n1: {ansible_host: 0xc0000207}}}'))
    expect(fault.remedy).toBe(
      'Set fw_addresses to the IPv4 addresses from which this host sends packets to other nodes.',
    )
  })
})
