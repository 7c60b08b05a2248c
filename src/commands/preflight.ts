import { chooseInterface } from '../stages/choose-interface.ts'
import { examineHosts, toProtect } from '../stages/examine.ts'
import { closeHosts, openHosts } from '../stages/open-hosts.ts'
import { prepareOpener } from '../stages/prepare-opener.ts'
import { reportRun } from '../stages/report-run.ts'
import { selectFromInventory } from '../stages/select-hosts.ts'
import type { Command } from './command.ts'
import { runResult } from './run-result.ts'

/** `fw-run preflight`: asks every check on every host and says what apply would do. Writes nothing anywhere. */
export const preflight: Command = async (settings, run) => {
  const { inventory, hosts } = await selectFromInventory(settings, run)
  const opened = await openHosts(hosts, await prepareOpener(hosts, settings, run), run)
  try {
    const interfacesOf = await chooseInterface(opened, settings, run)
    const examined = examineHosts(
      opened,
      toProtect(inventory, interfacesOf),
      'change',
      inventory,
      run,
    )
    const { diff } = settings
    const report = reportRun(run, examined, { diff, warnings: inventory.warnings })
    const audited = report.kind === 'pending' || report.kind === 'done'
    return runResult(audited ? { ...report, kind: 'audited' } : report, settings)
  } finally {
    await closeHosts(opened)
  }
}
