import { uncovered } from '../ip/dual-ranges.ts'
import { joinNetworks } from '../ip/join-networks.ts'
import { onceFor } from '../memory/once-for.ts'
import type { Inventory } from './inventory.ts'

/** The pod networks that the inventory names for any node, joined: often a host names only its own part, but pods of all hosts speak to its pods. */
export const namedPodNetworks = onceFor(({ nodes }: Pick<Inventory, 'nodes'>) => {
  const named = new Set(nodes.flatMap(({ settings }) => settings.podCidrs))
  return joinNetworks([...named])
})

/** The same without those that hold an address of a node: a mistake, which must stay one of the host that names it. */
export const podNetworksWithoutNodes = onceFor((inventory: Pick<Inventory, 'nodes'>) => {
  const named = namedPodNetworks(inventory)
  const addresses = [...new Set(inventory.nodes.flatMap(({ settings }) => settings.addresses))]
  const isFree = (networks: readonly string[]): boolean =>
    uncovered(addresses, networks).length === addresses.length
  return isFree(named) ? named : named.filter((network) => isFree([network]))
})
