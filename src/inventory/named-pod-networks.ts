import { joinNetworks } from '../ip/join-networks.ts'
import { onceFor } from '../memory/once-for.ts'
import type { Inventory } from './inventory.ts'

/** The pod networks that the inventory names for any node, joined: often a host names only its own part, but pods of all hosts speak to its pods. */
export const namedPodNetworks = onceFor(({ nodes }: Pick<Inventory, 'nodes'>) => {
  const named = new Set(nodes.flatMap(({ settings }) => settings.podCidrs))
  return joinNetworks([...named])
})
