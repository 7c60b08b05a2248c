import { leaveGone } from '../cluster/leave-gone.ts'
import { openCluster } from '../cluster/open-cluster.ts'
import { selectChange } from '../cluster/select-hosts.ts'
import { FwRunError } from '../errors.ts'
import { beginJournal } from '../runs/journal.ts'
import { askFirst } from '../stages/changing/ask-first.ts'
import { demandTerminal } from '../stages/changing/confirm.ts'
import { prepareEdit } from '../stages/changing/edit-inventory.ts'
import { changedSince, unlessOvertaken } from '../stages/changing/overtaken.ts'
import { isEditAlone, needsTransaction, transactHosts } from '../stages/changing/transact.ts'
import { chooseInterface } from '../stages/choose-interface.ts'
import { examineHosts } from '../stages/examine.ts'
import { butRemoveFrom, toProtect } from '../stages/goal.ts'
import { warnOfIdleWaves } from '../stages/planned-waves.ts'
import { tryBefore } from '../stages/try-probes.ts'
import { finishCovered, forgetNotes, warnOfUnfinished } from '../stages/unfinished-runs.ts'
import type { Perform } from './command.ts'
import { resultOf } from './result.ts'

/** `fw-run hosts add` and `hosts remove`: change the inventory file and all hosts, or neither. */
export const hosts: Perform = async (settings, run) => {
  const { hostChange: change } = settings
  if (!change) throw new FwRunError('usage', 'hosts needs a host.')
  demandTerminal(settings)
  const selected = await selectChange(change, settings, run)
  const { leaving } = selected
  const selection = await warnOfUnfinished(selected, run, !settings.check)
  if (!settings.check) await beginJournal(selection.hosts, settings, run)
  const edit = await prepareEdit(selected.edit, change, settings, run)
  await using opened = await openCluster(selection, settings, run)
  const cluster = leaveGone(opened, leaving, run)
  const staying = cluster.opened.filter(({ host }) => host !== leaving)
  // To save the answer now would change the file under the edit.
  const interfacesOf = await chooseInterface(
    { ...cluster, opened: staying },
    { ...settings, yes: true },
    run,
  )
  const probes = await tryBefore(selection.inventory.hostsToProtect, settings.timeout, run)
  const goal = butRemoveFrom(
    toProtect(cluster.inventory, interfacesOf, cluster.opened),
    leaving?.name,
  )
  const asFound = await examineHosts(cluster, goal, 'change', run)
  warnOfIdleWaves(asFound, settings, run)
  const { examined, found: now } = await askFirst(asFound, probes, settings, run, { edit })
  const overtaken = changedSince(selection, { kind: 'protect', interfacesOf })
  const found = await unlessOvertaken(now, settings, overtaken)
  if (isEditAlone(found, examined, settings)) await edit.alone()
  const changed = needsTransaction(found, examined, settings)
    ? await transactHosts(examined, probes, settings, run, { edit, overtaken })
    : await forgetNotes(found, examined, settings, run)
  const finished = await finishCovered(changed, cluster, run)
  return resultOf(await edit.finish(finished), settings, run)
}
