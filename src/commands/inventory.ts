import { selectHosts } from '../cluster/select-hosts.ts'
import { setMembers } from '../inventory/members.ts'
import { inventoryDocument, renderInventory } from '../report/inventory.ts'
import type { Perform } from './command.ts'

/** `fw-run inventory`: hosts, groups and set members as understood. Opens no connection. */
export const inventory: Perform = async (settings, run) => {
  const selection = await selectHosts(settings, run)
  const members = new Map(
    selection.hosts.map((host) => [host.name, setMembers(selection.inventory, host)]),
  )
  return {
    exitCode: 0,
    text: () => renderInventory(selection.inventory, selection.hosts, members),
    json: inventoryDocument(selection.inventory, selection.hosts, members),
  }
}
