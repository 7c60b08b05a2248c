import { changeHosts } from '../stages/change-hosts.ts'
import { chooseInterface } from '../stages/choose-interface.ts'
import { examineHosts, toProtect } from '../stages/examine.ts'
import { closeHosts, openHosts } from '../stages/open-hosts.ts'
import { prepareOpener } from '../stages/prepare-opener.ts'
import { selectFromInventory } from '../stages/select-hosts.ts'
import type { Command } from './command.ts'
import { runResult } from './run-result.ts'

/** `fw-run apply`: protects all hosts as the inventory says, or changes none. */
export const apply: Command = async (settings, run) => {
  const { inventory, hosts } = await selectFromInventory(settings, run)
  const opener = await prepareOpener(hosts, settings, run)
  const opened = await openHosts(hosts, opener, run)
  try {
    const interfacesOf = await chooseInterface(opened, settings, run)
    const intent = toProtect(inventory, interfacesOf)
    const report = await changeHosts(opened, opener, run, {
      examine: (read) => examineHosts(read, intent, 'change', inventory, run),
      check: settings.check,
      diff: settings.diff,
      warnings: inventory.warnings,
    })
    return runResult(report, settings)
  } finally {
    await closeHosts(opened)
  }
}
