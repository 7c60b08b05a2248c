import { selectWithoutLogin } from '../cluster/select-hosts.ts'
import { guardMembers } from '../inventory/members.ts'
import { inventoryDocument } from '../report/inventory.ts'
import type { Perform } from './command.ts'

/** `--list-hosts` of any command: the names of the hosts that it would be about, one a line. Opens no connection. */
export const listHosts: Perform = async (settings, run) => {
  const { inventory, hosts } = await selectWithoutLogin(settings, run)
  const members = new Map(hosts.map((host) => [host.name, guardMembers(inventory, host)]))
  return {
    exitCode: 0,
    text: () => hosts.map(({ name }) => name),
    json: () => inventoryDocument(inventory, hosts, members),
  }
}
