import type { Inventory, InventoryHost, Settings } from '../inventory/inventory.ts'
import { ownAddresses } from '../inventory/members.ts'
import { countMembers } from '../text/host-list.ts'
import { inColumns } from './layout/columns.ts'

/** The members of the set of each host, by host name. */
export type Members = ReadonlyMap<string, readonly string[]>

/** The inventory for a person: how each host is reached and protected, groups, and set members. */
export function renderInventory(
  inventory: Inventory,
  hosts: readonly InventoryHost[],
  members: Members,
): readonly string[] {
  const names = inColumns(
    hosts.map(({ name }) => [name]),
    '',
  )
  return [
    `HOSTS to protect (group ${inventory.group})`,
    ...hosts.map((host, index) => `  ${names[index]}  ${describeHost(host)}`),
    '',
    'GROUPS',
    ...[...inventory.groups].map(([name, names]) => `  ${name}: ${names.join(', ') || 'no hosts'}`),
    '',
    'SETS',
    ...distinctSets(hosts, members).map(
      ({ set, addresses }) =>
        `  ${set} (${countMembers(addresses.length)}): ${addresses.join(', ')}`,
    ),
  ]
}

function describeHost({ address, port = 22, user, settings }: InventoryHost): string {
  const interfaces =
    settings.interfaces.join(', ') || 'an interface that is not set yet (fw-run asks)'
  const position = settings.position === 'auto' ? '' : `, position ${settings.position}`
  const guard =
    settings.guard === 'forward' ? '' : `, guard ${settings.guard}, ${describeServices(settings)}`
  const boot = settings.persist ? '; the guard comes back after a reboot' : ''
  const login = `${user ? `${user}@` : ''}${address}${port === 22 ? '' : ` port ${port}`}`
  return `${login}: ${settings.action} on ${interfaces}${position}${guard}${boot}; adds ${ownAddresses(settings).join(', ')} to the ${nouns[settings.guard]}`
}

const nouns = { forward: 'set', nft: 'table', mangle: 'sets', auto: 'table or sets' } as const

function describeServices({ services, serviceCidrs }: Settings): string {
  if (services === 'open') return 'ClusterIPs stay open'
  return serviceCidrs.length > 0
    ? `ClusterIPs closed (${serviceCidrs.join(', ')})`
    : 'ClusterIPs stay open, because fw_service_cidrs is not set'
}

function distinctSets(
  hosts: readonly InventoryHost[],
  members: Members,
): readonly { set: string; addresses: readonly string[] }[] {
  // Hosts share the list of their members: a thousand lists of a thousand addresses are not to be compared as texts.
  const lists = new Map<string, Set<readonly string[]>>()
  for (const { name, settings } of hosts) {
    const known = lists.get(settings.set) ?? new Set()
    lists.set(settings.set, known.add(members.get(name) ?? []))
  }
  return [...lists].flatMap(([set, known]) => {
    const distinct = new Map([...known].map((addresses) => [addresses.join(), addresses]))
    return [...distinct.values()].map((addresses) => ({ set, addresses }))
  })
}

/** What the JSON document of an inventory holds. Secrets are left out. */
export function inventoryDocument(
  inventory: Inventory,
  hosts: readonly InventoryHost[],
  members: Members,
): object {
  return {
    file: inventory.file,
    group: inventory.group,
    groups: Object.fromEntries(inventory.groups),
    hosts: hosts.map(({ name, address, port = 22, user, groups, settings }) => ({
      host: name,
      ...{ address, port, user, groups },
      settings,
      members: members.get(name),
    })),
    warnings: inventory.warnings,
  }
}
