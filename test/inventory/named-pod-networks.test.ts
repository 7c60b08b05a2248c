import { expect, it } from 'vitest'
import {
  namedPodNetworks,
  podNetworksWithoutNodes,
} from '../../src/inventory/named-pod-networks.ts'
import { inventoryOf } from './fault.ts'

it('namedPodNetworks joins those of all nodes, and leaves out those of other hosts', () => {
  const inventory = inventoryOf(`
all:
  hosts:
    other: {ansible_host: 10.0.0.99, fw_pod_cidrs: [10.50.0.0/16]}
  children:
    k8s_cluster:
      hosts:
        n1: {ansible_host: 10.0.0.1, fw_pod_cidrs: [10.42.1.0/24, "fd42:0:0:1::/64"]}
        n2: {ansible_host: 10.0.0.2, fw_pod_cidrs: [10.42.0.0/24]}
        n3: {ansible_host: 10.0.0.3}
`)
  expect(namedPodNetworks(inventory)).toEqual(['10.42.0.0/23', 'fd42:0:0:1::/64'])
})

it('namedPodNetworks leaves out none of thousands', () => {
  const named = Array.from(
    { length: 2000 },
    (_, at) => `10.${64 + (at >> 7)}.${(at & 127) * 2}.0/24`,
  )
  const nodes = named.map((cidr) => ({ settings: { podCidrs: [cidr] } }))
  expect(namedPodNetworks({ nodes } as unknown as Parameters<typeof namedPodNetworks>[0])).toEqual(
    named,
  )
})

it.each(['10.0.0.0/24', '10.0.0.0/23', '10.0.0.1/32', '10.0.0.0/8'])(
  'podNetworksWithoutNodes leaves out %s, which holds a node, and keeps the right networks beside it and in it',
  (wrong) => {
    const inventory = inventoryOf(`
k8s_cluster:
  hosts:
    n1: {ansible_host: 10.0.0.1, fw_pod_cidrs: [${wrong}]}
    n2: {ansible_host: 10.0.0.2, fw_pod_cidrs: [10.0.1.0/24, "fd42:0:0:1::/64"]}
    n3: {ansible_host: 10.0.0.3, fw_pod_cidrs: [10.0.2.0/24, 10.0.3.0/24]}
`)
    expect(podNetworksWithoutNodes(inventory)).toEqual([
      '10.0.1.0/24',
      '10.0.2.0/23',
      'fd42:0:0:1::/64',
    ])
  },
)
