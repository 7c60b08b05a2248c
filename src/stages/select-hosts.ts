import type { Inventory, InventoryHost } from '../inventory/inventory.ts'
import { loadInventory } from '../inventory/load.ts'
import { selectHosts } from '../inventory/pattern.ts'
import type { Run } from './run.ts'
import type { RunSettings } from './settings.ts'

/** The inventory, and the hosts of it that this run is about. Membership always comes from the whole. */
export interface Selection {
  readonly inventory: Inventory
  readonly hosts: readonly InventoryHost[]
}

/** Loads the inventory and applies `--limit`; says what in it was passed over. */
export async function selectFromInventory(settings: RunSettings, run: Run): Promise<Selection> {
  const extraVars = [...settings.extraVars]
  if (settings.interface !== undefined)
    extraVars.push(JSON.stringify({ fw_interface: settings.interface }))
  const inventory = await loadInventory(settings.inventory, { extraVars })
  const hosts =
    settings.limit === undefined ? inventory.protectedHosts : selectHosts(inventory, settings.limit)
  run.emit({
    kind: 'run-started',
    run: run.id,
    command: run.command,
    hosts: hosts.map(({ name }) => name),
  })
  for (const message of inventory.warnings) run.emit({ kind: 'warning', message })
  return { inventory, hosts }
}
