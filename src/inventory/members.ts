import { parseAddress } from '../ip/address.ts'
import type { Inventory, InventoryHost } from './inventory.ts'

/**
 * The members that the set on this host must have, in numeric order: the addresses of all nodes of the cluster, and the
 * extra members of this host. Which nodes are selected, protected or reachable makes no difference.
 */
export function setMembers(inventory: Inventory, host: InventoryHost): readonly string[] {
  const { extraMembers } = host.settings
  const sets = setsOf.get(inventory) ?? new Map<readonly string[], readonly string[]>()
  setsOf.set(inventory, sets)
  const known = sets.get(extraMembers)
  if (known) return known
  const members = inNumericOrder([
    ...inventory.nodes.flatMap(({ settings }) => settings.addresses),
    ...extraMembers,
  ])
  sets.set(extraMembers, members)
  return members
}

// Hosts that inherit one list of extra members share one set: of thousands of hosts it is computed once.
const setsOf = new WeakMap<Inventory, Map<readonly string[], readonly string[]>>()

function inNumericOrder(addresses: readonly string[]): readonly string[] {
  const numbers = new Map(addresses.map((address) => [address, parseAddress(address) ?? 0]))
  return [...numbers].sort(([, a], [, b]) => a - b).map(([address]) => address)
}
