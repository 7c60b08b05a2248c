import { openCluster } from '../cluster/open-cluster.ts'
import { selectHosts } from '../cluster/select-hosts.ts'
import { tolerateUnreachable } from '../cluster/tolerate-unreachable.ts'
import { beginJournal } from '../runs/journal.ts'
import { askFirst } from '../stages/changing/ask-first.ts'
import { demandTerminal } from '../stages/changing/confirm.ts'
import { changedSince, unlessOvertaken } from '../stages/changing/overtaken.ts'
import { needsTransaction, transactHosts } from '../stages/changing/transact.ts'
import { examineHosts } from '../stages/examine.ts'
import { toRemove } from '../stages/goal.ts'
import { warnOfIdleWaves } from '../stages/planned-waves.ts'
import { tryBefore } from '../stages/try-probes.ts'
import { finishCovered, forgetNotes, warnOfUnfinished } from '../stages/unfinished-runs.ts'
import type { Perform } from './command.ts'
import { resultOf } from './result.ts'

/** `fw-run remove`: removes rule, then set, from all hosts, or changes none. */
export const remove: Perform = async (settings, run) => {
  demandTerminal(settings)
  const selected = await selectHosts(settings, run)
  const selection = await warnOfUnfinished(selected, run, !settings.check)
  if (!settings.check) await beginJournal(selection.hosts, settings, run)
  await using opened = await openCluster(selection, settings, run)
  const cluster = tolerateUnreachable(opened, settings.tolerated, run)
  const probes = await tryBefore(cluster.hosts, settings.timeout, run)
  const asFound = await examineHosts(cluster, toRemove, 'change', run)
  warnOfIdleWaves(asFound, settings, run)
  const { examined, found: now } = await askFirst(asFound, probes, settings, run)
  const overtaken = changedSince(selection, { kind: 'remove' })
  const found = await unlessOvertaken(now, settings, overtaken)
  const changed = needsTransaction(found, examined, settings)
    ? await transactHosts(examined, probes, settings, run, { overtaken })
    : await forgetNotes(found, examined, settings, run)
  const finished = await finishCovered(changed, cluster, run)
  return resultOf(finished, settings, run)
}
