import { onlyIpv4 } from '../ip/dual.ts'
import { parseAddress } from '../ip/ipv4.ts'
import { parseIpv6 } from '../ip/ipv6.ts'
import type { Inventory, InventoryHost, Leaving, Settings } from './inventory.ts'

/**
 * The members that the set on this host must have, in numeric order: the IPv4 addresses of all nodes of the cluster, and the
 * IPv4 ones of the extra members of this host. Which nodes are selected, protected or reachable makes no difference.
 */
export function setMembers(inventory: Inventory, host: InventoryHost): readonly string[] {
  return remembered(setsOf, inventory, host, (all) => inNumericOrder(all, parseAddress))
}

/** The same of both families: IPv4 in numeric order, then IPv6 in numeric order. */
export function membersOfBoth(inventory: Inventory, host: InventoryHost): readonly string[] {
  return remembered(bothOf, inventory, host, (all) => [
    ...setMembers(inventory, host),
    ...inNumericOrder(all, parseIpv6),
  ])
}

/** The members of which the guard of this host has a use. */
export function guardMembers(inventory: Inventory, host: InventoryHost): readonly string[] {
  const membersOf = host.settings.guard === 'forward' ? setMembers : membersOfBoth
  return membersOf(inventory, host)
}

/** The inventory, each host of which knows of a node that leaves it. */
export function withoutNode(inventory: Inventory, leaving: Leaving): Inventory {
  const told = new Map(
    inventory.hosts.map((host) => [host, { ...host, settings: { ...host.settings, leaving } }]),
  )
  const all = (hosts: readonly InventoryHost[]) => hosts.map((host) => told.get(host) ?? host)
  return {
    ...inventory,
    hosts: all(inventory.hosts),
    nodes: all(inventory.nodes),
    hostsToProtect: all(inventory.hostsToProtect),
  }
}

/** The addresses of a host of which its guard has a use. */
export function ownAddresses({ guard, addresses }: Settings): readonly string[] {
  return guard === 'forward' ? onlyIpv4(addresses) : addresses
}

type Remembered = WeakMap<Inventory, Map<readonly string[], readonly string[]>>

// Hosts that inherit one list of extra members share one set: of thousands of hosts it is computed once.
const setsOf: Remembered = new WeakMap()
const bothOf: Remembered = new WeakMap()

function remembered(
  where: Remembered,
  inventory: Inventory,
  { settings: { extraMembers } }: InventoryHost,
  compute: (addresses: readonly string[]) => readonly string[],
): readonly string[] {
  const sets = where.get(inventory) ?? new Map<readonly string[], readonly string[]>()
  where.set(inventory, sets)
  const known = sets.get(extraMembers)
  if (known) return known
  const members = compute([
    ...inventory.nodes.flatMap(({ settings }) => settings.addresses),
    ...extraMembers,
  ])
  sets.set(extraMembers, members)
  return members
}

/** The addresses that `parse` can read, each once. */
function inNumericOrder(
  addresses: readonly string[],
  parse: (text: string) => number | bigint | undefined,
): readonly string[] {
  const numbers = new Map<string, number | bigint>()
  for (const address of addresses) {
    const number = parse(address)
    if (number !== undefined) numbers.set(address, number)
  }
  return [...numbers].sort(([, a], [, b]) => (a < b ? -1 : 1)).map(([address]) => address)
}
