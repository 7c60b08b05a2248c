import { findConnections } from '../cluster/connections.ts'
import { selectWithoutLogin } from '../cluster/select-hosts.ts'
import { guardMembers } from '../inventory/members.ts'
import { renderConnections } from '../report/connections.ts'
import { inventoryDocument, renderInventory } from '../report/inventory.ts'
import type { Perform } from './command.ts'

/** `fw-run inventory`: hosts, groups and set members as understood. Opens no connection. */
export const inventory: Perform = async (settings, run) => {
  const selection = await selectWithoutLogin(settings, run)
  const members = new Map(
    selection.hosts.map((host) => [host.name, guardMembers(selection.inventory, host)]),
  )
  const connections = settings.verbose ? await findConnections(selection, settings, run) : undefined
  return {
    exitCode: 0,
    text: () => [
      ...renderInventory(selection.inventory, selection.hosts, members),
      ...(connections ? renderConnections(connections) : []),
    ],
    json: () => inventoryDocument(selection.inventory, selection.hosts, members),
  }
}
