import type { Inventory, InventoryHost } from './inventory.ts'

/**
 * The members that the set on this host must have, sorted as numbers: the addresses of all nodes of the cluster,
 * whichever of them are to be protected, answer or are selected, and the further members that this host's settings name.
 */
export function setMembers(inventory: Inventory, host: InventoryHost): readonly string[] {
  const members = [
    ...inventory.nodes.flatMap(({ settings }) => settings.addresses),
    ...host.settings.extraMembers,
  ]
  return [...new Set(members)].sort((a, b) => asNumber(a) - asNumber(b))
}

function asNumber(address: string): number {
  return address.split('.').reduce((number, octet) => number * 256 + Number(octet), 0)
}
