import { chooseInterface } from '../stages/choose-interface.ts'
import { examineHosts, toProtect } from '../stages/examine.ts'
import { closeHosts, openHosts } from '../stages/open-hosts.ts'
import { prepareOpener } from '../stages/prepare-opener.ts'
import { reportRun } from '../stages/report-run.ts'
import { selectFromInventory } from '../stages/select-hosts.ts'
import type { Command } from './command.ts'
import { runResult } from './run-result.ts'

/** `fw-run status`: whether each host is protected as the inventory says, and how much was turned away so far. */
export const status: Command = async (settings, run) => {
  const { inventory, hosts } = await selectFromInventory(settings, run)
  const opened = await openHosts(hosts, await prepareOpener(hosts, settings, run), run)
  try {
    const interfacesOf = await chooseInterface(opened, settings, run)
    const examined = examineHosts(
      opened,
      toProtect(inventory, interfacesOf),
      'look',
      inventory,
      run,
    )
    const { diff } = settings
    return runResult(reportRun(run, examined, { diff, warnings: inventory.warnings }), settings)
  } finally {
    await closeHosts(opened)
  }
}
