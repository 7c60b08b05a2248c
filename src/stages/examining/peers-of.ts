import type { Peers } from '../../facts/peers.ts'
import type { Inventory, InventoryHost } from '../../inventory/inventory.ts'
import { onlyIpv4 } from '../../ip/dual.ts'
import { onceFor } from '../../memory/once-for.ts'

/** The first IPv4 address of each node but this one, or else its first IPv6 address. */
export function peersOf(inventory: Inventory, { name }: Pick<InventoryHost, 'name'>): Peers {
  const byName = firstAddresses(inventory)
  return { all: inOneList(byName), own: byName.get(name) }
}

const firstAddresses = onceFor(
  ({ nodes }: Inventory): ReadonlyMap<string, string> =>
    new Map(
      nodes.flatMap(({ name, settings }) => {
        const [address = settings.addresses[0]] = onlyIpv4(settings.addresses)
        return address === undefined ? [] : [[name, address] as const]
      }),
    ),
)

const inOneList = onceFor((byName: ReadonlyMap<string, string>): readonly string[] => [
  ...byName.values(),
])
