import { describe, expect, it } from 'vitest'
import { guardMembers } from '../../src/inventory/members.ts'
import { inventoryDocument, renderInventory } from '../../src/report/inventory.ts'
import { inventoryOf } from '../inventory/fault.ts'
import { contentOf } from './contract.ts'

function reportOf(vars: string) {
  const inventory = inventoryOf(
    `all: {vars: {fw_interface: ens18, ${vars}}, hosts: {192.0.2.1: {ip6: "FD00::01"}}}`,
  )
  const { hostsToProtect: hosts } = inventory
  const members = new Map(hosts.map((host) => [host.name, guardMembers(inventory, host)]))
  const text = renderInventory(inventory, hosts, members)
  const content = contentOf('inventory', inventoryDocument(inventory, hosts, members))
  return { text, content }
}

describe(renderInventory.name, () => {
  it('tells of IPv4 only where the guard is a rule in FORWARD', () => {
    const { text, content } = reportOf('fw_service_cidrs: 10.96.0.0/12')
    expect(text).toContain('  192.0.2.1  192.0.2.1: REJECT on ens18; adds 192.0.2.1 to the set')
    expect(text).toContain('  cluster_nodes (1 member): 192.0.2.1')
    expect(content).toMatchObject({ hosts: [{ members: ['192.0.2.1'] }] })
  })

  it('tells that the guard comes back after a reboot', () => {
    const { text } = reportOf('fw_guard: nft, fw_persist: true, fw_services: open')
    expect(text.join('\n')).toContain('stay open; the guard comes back after a reboot; adds ')
  })

  it.each([
    ['fw_service_cidrs: [10.96.0.0/12, fd00:96::/108]', 'closed (10.96.0.0/12, fd00:96::/108)'],
    ['fw_services: close', 'stay open, because fw_service_cidrs is not set'],
    ['fw_services: open, fw_service_cidrs: 10.96.0.0/12', 'stay open'],
  ])(
    'tells the guard, members of both families, and what becomes of services: %s',
    (vars, services) => {
      const { text, content } = reportOf(`fw_guard: nft, ${vars}`)
      expect(text).toContain(
        `  192.0.2.1  192.0.2.1: REJECT on ens18, guard nft, ClusterIPs ${services}; adds 192.0.2.1, fd00::1 to the table`,
      )
      expect(text).toContain('  cluster_nodes (2 members): 192.0.2.1, fd00::1')
      expect(content).toMatchObject({
        hosts: [{ settings: { guard: 'nft' }, members: ['192.0.2.1', 'fd00::1'] }],
      })
    },
  )
})
