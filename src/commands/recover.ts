import {
  exitCodeOfRecovery,
  jsonOfRecovery,
  type RecoverReport,
  recoverySummary,
} from '../outcomes/recovery.ts'
import { renderRecovery } from '../report/recovery.ts'
import { type End, keepJournal } from '../stages/keep-journal.ts'
import { recoverRuns, wantedRuns } from '../stages/recover-runs.ts'
import type { Run } from '../stages/run.ts'
import { selectFromInventory } from '../stages/select-hosts.ts'
import { knownRuns } from '../stages/unfinished-runs.ts'
import type { Command } from './command.ts'

/** `fw-run recover`: settles what interrupted runs left, forward where it was decided, else back. */
export const recover: Command = async (settings, begun) => {
  const { inventory } = await selectFromInventory(settings, begun)
  const all = await knownRuns(begun)
  const wanted = await wantedRuns(all, inventory, settings.pastRun)
  const hosts = new Map(wanted.runs.flatMap((past) => past.hosts.map((host) => [host.name, host])))
  const work = (run: Run): Promise<RecoverReport> =>
    recoverRuns(wanted, { inventory, settings, all }, run)
  // What has nothing to do needs no journal, nor a place to write one.
  const report =
    wanted.runs.length === 0
      ? await work(begun)
      : await keepJournal([...hosts.values()], settings, begun, endOf, work)
  return {
    exitCode: exitCodeOfRecovery(report),
    text: ({ paint }) => renderRecovery(report, paint),
    json: jsonOfRecovery(report),
  }
}

function endOf(report: RecoverReport): End {
  const exitCode = exitCodeOfRecovery(report)
  const outcome = exitCode === 0 ? 'recovered' : exitCode === 130 ? 'interrupted' : 'unfinished'
  return { outcome, words: recoverySummary(report), exitCode, finished: exitCode !== 8 }
}
