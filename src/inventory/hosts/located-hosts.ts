import type { InventoryHost } from '../inventory.ts'
import type { Hierarchy } from '../reading/hierarchy.ts'
import type { Location } from '../reading/problems.ts'
import type { RawInventory } from '../reading/raw-inventory.ts'
import { settingsOf } from '../settings.ts'
import { type Definitions, type HostValues, hostValues } from '../variables/precedence.ts'
import { connectionOf } from './connection.ts'

/** A host, where it is first named, and where its values come from. */
export interface LocatedHost {
  readonly host: InventoryHost
  readonly location: Location
  readonly resolved: HostValues
}

/** All hosts of an inventory, in file order, with what holds for each. */
export function locateHosts(
  raw: RawInventory,
  hierarchy: Hierarchy,
  definitions: Definitions,
  hostNames: ReadonlyMap<string, string>,
): readonly LocatedHost[] {
  return [...raw.hosts.values()].map((stated) => {
    const { name, location } = stated
    const resolved = hostValues(stated, raw, hierarchy, definitions)
    const groups = hierarchy.groupsOf(name).map((group) => group.name)
    const host = {
      name,
      ...connectionOf(name, resolved, definitions.directoryOf),
      groups: groups.filter((group) => group !== 'all' && group !== 'ungrouped').sort(),
      settings: settingsOf(name, resolved, hostNames.get(name)),
    }
    return { host, location, resolved }
  })
}
