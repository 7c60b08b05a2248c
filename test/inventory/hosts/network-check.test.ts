import { describe, expect, it } from 'vitest'
import { checkNetworks } from '../../../src/inventory/hosts/network-check.ts'
import { faultOf, hostIn, inventoryOf, problemsOf } from '../fault.ts'

const inventory = (vars: string) => `all:
  hosts: {192.0.2.1: , 192.0.2.2: }
  vars:
${vars.replace(/^ */gm, '    ')}
`

describe(checkNetworks.name, () => {
  it('refuses each pod network that shares addresses with a service network, where it stands, once for all hosts', () => {
    const text = inventory(`fw_pod_cidrs:
      - 10.0.0.0/8
      - 172.16.0.0/12
      - 10.96.1.0/24
      - fd00:1::/64
      - fd00:2::/64
      fw_service_cidrs: [10.96.0.0/12, "FD00:1::/48", 192.168.0.0/16]`)
    expect(problemsOf(text)).toEqual([
      'inventory.yaml:5:7: fw_pod_cidrs: 10.0.0.0/8 overlaps the service network 10.96.0.0/12',
      'inventory.yaml:7:7: fw_pod_cidrs: 10.96.1.0/24 overlaps the service network 10.96.0.0/12',
      'inventory.yaml:8:7: fw_pod_cidrs: fd00:1::/64 overlaps the service network fd00:1::/48',
    ])
    expect(faultOf(() => inventoryOf(text)).remedy).toBe(
      'Pods and services must have separate networks: correct fw_pod_cidrs or fw_service_cidrs.',
    )
  })

  it('counts networks of Kubespray only where the guard has a use for them', () => {
    const text = (guard: string) =>
      inventory(`fw_guard: ${guard}
        fw_pod_cidrs: 10.0.0.0/8
        kube_service_addresses: 10.233.0.0/18`)
    expect(problemsOf(text('nft'))).toEqual([
      'inventory.yaml:5:19: fw_pod_cidrs: 10.0.0.0/8 overlaps the service network 10.233.0.0/18',
    ])
    expect(inventoryOf(text('forward')).nodes).toHaveLength(2)
  })

  it('finds one among very many', () => {
    const networks = (first: number) =>
      Array.from({ length: 20_000 }, (_, n) => `${first}.${n >> 8}.${n & 255}.0/24`).join(', ')
    const text = inventory(
      `fw_pod_cidrs: [${networks(10)}]\nfw_service_cidrs: [${networks(11)}, 10.78.31.128/25]`,
    )
    expect(problemsOf(text)).toEqual([expect.stringContaining('10.78.31.0/24 overlaps')])
  })

  it('lets networks side by side be', () => {
    const { settings } = hostIn(
      inventoryOf(
        inventory(
          'fw_guard: nft\nfw_pod_cidrs: [10.233.64.0/18, fd00:64::/64]\nkube_service_addresses: 10.233.0.0/18,fd00:63::/64',
        ),
      ),
      '192.0.2.1',
    )
    expect(settings.serviceCidrs).toEqual(['10.233.0.0/18', 'fd00:63::/64'])
  })
})
