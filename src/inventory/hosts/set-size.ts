import { maxSetMembers } from '../../limits.ts'
import { shown } from '../../text/shown.ts'
import type { Inventory } from '../inventory.ts'
import { guardMembers } from '../members.ts'
import type { Problems } from '../reading/problems.ts'

/** Records a set that would get more members than an ipset holds. */
export function checkSetSize(inventory: Inventory, problems: Problems): void {
  for (const host of inventory.hostsToProtect) {
    const { length } = guardMembers(inventory, host)
    if (length <= maxSetMembers) continue
    const [has, holds] = [length, maxSetMembers].map((number) => number.toLocaleString('en'))
    problems.add(
      { source: inventory.file },
      `set ${shown(host.settings.set)} would have ${has} members; a set holds at most ${holds}`,
      'Name fewer hosts, or fewer addresses in fw_addresses and fw_extra_members.',
    )
  }
}
