import { changeHosts } from '../stages/change-hosts.ts'
import { examineHosts, toRemove } from '../stages/examine.ts'
import { closeHosts, openHosts } from '../stages/open-hosts.ts'
import { prepareOpener } from '../stages/prepare-opener.ts'
import { selectFromInventory } from '../stages/select-hosts.ts'
import type { Command } from './command.ts'
import { runResult } from './run-result.ts'

/** `fw-run remove`: takes rule, then set, off all hosts, or off none. */
export const remove: Command = async (settings, run) => {
  const { inventory, hosts } = await selectFromInventory(settings, run)
  const opener = await prepareOpener(hosts, settings, run)
  const opened = await openHosts(hosts, opener, run)
  try {
    const report = await changeHosts(opened, opener, run, {
      examine: (read) => examineHosts(read, toRemove, 'change', inventory, run),
      check: settings.check,
      diff: settings.diff,
      warnings: inventory.warnings,
    })
    return runResult(report, settings)
  } finally {
    await closeHosts(opened)
  }
}
