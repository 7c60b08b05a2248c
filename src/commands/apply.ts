import { openCluster } from '../cluster/open-cluster.ts'
import { selectHosts } from '../cluster/select-hosts.ts'
import { tolerateUnreachable } from '../cluster/tolerate-unreachable.ts'
import { beginJournal } from '../runs/journal.ts'
import { askFirst } from '../stages/changing/ask-first.ts'
import { demandTerminal } from '../stages/changing/confirm.ts'
import { changedSince, unlessOvertaken } from '../stages/changing/overtaken.ts'
import { heldToPlan, planToKeep, planToSave } from '../stages/changing/saved-plan.ts'
import { needsTransaction, transactHosts } from '../stages/changing/transact.ts'
import { watchRules } from '../stages/changing/watch-after-apply.ts'
import { chooseInterface } from '../stages/choose-interface.ts'
import { examineHosts } from '../stages/examine.ts'
import { toProtect } from '../stages/goal.ts'
import { warnOfIdleWaves } from '../stages/planned-waves.ts'
import { tryBefore } from '../stages/try-probes.ts'
import { finishCovered, forgetNotes, warnOfUnfinished } from '../stages/unfinished-runs.ts'
import type { Perform } from './command.ts'
import { resultOf } from './result.ts'

/** `fw-run apply`: protects all hosts as the inventory says, or changes none. */
export const apply: Perform = async (settings, run) => {
  demandTerminal(settings)
  const saved = await planToKeep(settings.plan)
  const selected = await selectHosts(settings, run)
  const selection = await warnOfUnfinished(selected, run, !settings.check)
  if (!settings.check) await beginJournal(selection.hosts, settings, run)
  await using opened = await openCluster(selection, settings, run)
  const cluster = tolerateUnreachable(opened, settings.tolerated, run)
  const interfacesOf = await chooseInterface(cluster, settings, run)
  const probes = await tryBefore(cluster.hosts, settings.timeout, run)
  const goal = toProtect(cluster.inventory, interfacesOf, cluster.opened)
  const asFound = await examineHosts(cluster, goal, 'change', run)
  warnOfIdleWaves(asFound, settings, run)
  const { examined, found: now } = await askFirst(asFound, probes, settings, run, { saved })
  const overtaken = changedSince(selection, { kind: 'protect', interfacesOf })
  const held = heldToPlan(now, examined, saved)
  const found = await unlessOvertaken(held, settings, overtaken)
  const changed = needsTransaction(found, examined, settings)
    ? await transactHosts(examined, probes, settings, run, { saved, overtaken })
    : await forgetNotes(found, examined, settings, run)
  const finished = await finishCovered(changed, cluster, run)
  const seconds = settings.check ? undefined : settings.watch
  const watched = await watchRules(finished, examined, seconds, run)
  const result = resultOf(watched, settings, run)
  const plan = planToSave(found, examined, run)
  return plan === undefined ? result : { ...result, forms: { ...result.forms, plan } }
}
