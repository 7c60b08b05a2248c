import { type DualNetwork, formatWithLength, parseDual } from '../ip/dual.ts'
import { joinNetworks } from '../ip/join-networks.ts'
import { indexNetworks } from '../ip/network-index.ts'
import { onceFor } from '../memory/once-for.ts'
import type { Inventory } from './inventory.ts'

/** The pod networks that the inventory names for any node, joined: often a host names only its own part, but pods of all hosts speak to its pods. */
export const namedPodNetworks = onceFor((inventory: Pick<Inventory, 'nodes'>) =>
  joinNetworks(asNamed(inventory)),
)

/**
 * The same without those that hold an address of a node: a mistake, which must stay one of the host that names it. They are left out
 * before the rest is joined: one joined with a mistake would be left out, too.
 */
export const podNetworksWithoutNodes = onceFor((inventory: Pick<Inventory, 'nodes'>) => {
  const named = parsed(asNamed(inventory))
  const { around } = indexNetworks(named)
  const addresses = parsed(inventory.nodes.flatMap(({ settings }) => settings.addresses))
  const wrong = new Set(addresses.flatMap(around))
  return joinNetworks(named.filter((network) => !wrong.has(network)).map(formatWithLength))
})

function asNamed({ nodes }: Pick<Inventory, 'nodes'>): readonly string[] {
  return [...new Set(nodes.flatMap(({ settings }) => settings.podCidrs))]
}

function parsed(texts: readonly string[]): readonly DualNetwork[] {
  return texts.flatMap((text) => parseDual(text) ?? [])
}
