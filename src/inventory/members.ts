import { parseAddress } from '../ip/address.ts'
import type { Inventory, InventoryHost } from './inventory.ts'

/**
 * The members that the set on this host must have, in numeric order: the addresses of all nodes of the cluster, and the
 * extra members of this host. Which nodes are selected, protected or reachable makes no difference.
 */
export function setMembers(inventory: Inventory, host: InventoryHost): readonly string[] {
  const known = membersOf.get(inventory) ?? new Map<string, readonly string[]>()
  membersOf.set(inventory, known)
  const extra = host.settings.extraMembers.join()
  const members = known.get(extra) ?? sortedMembers(inventory, host)
  known.set(extra, members)
  return members
}

// Hosts with equal extra members have equal sets: thousands of hosts share one list.
const membersOf = new WeakMap<Inventory, Map<string, readonly string[]>>()

function sortedMembers({ nodes }: Inventory, { settings }: InventoryHost): readonly string[] {
  const members = [...nodes.flatMap((node) => node.settings.addresses), ...settings.extraMembers]
  const numbers = new Map(members.map((address) => [address, parseAddress(address) ?? 0]))
  return [...numbers].sort(([, a], [, b]) => a - b).map(([address]) => address)
}
