import { selectHosts } from '../cluster/select-hosts.ts'
import { findRun } from '../journal/find-run.ts'
import { exitCodeOfRecovery } from '../outcomes/exit-code.ts'
import type { RecoverReport } from '../outcomes/recovery.ts'
import { recoverRuns } from '../recovery/recover-runs.ts'
import { wantedRuns } from '../recovery/runs-to-recover.ts'
import { takeBackEdits, takeBackOtherEdits } from '../recovery/take-back-edits.ts'
import { jsonOfRecovery, recoverySummary, renderRecovery } from '../report/recovery.ts'
import { beginJournal, type RunEnd } from '../runs/journal.ts'
import { knownRuns } from '../runs/known-runs.ts'
import type { Perform } from './command.ts'

/** `fw-run recover`: finishes unfinished runs: brings decided changes forward, and checks that the others are rolled back. */
export const recover: Perform = async (settings, run) => {
  const all = await knownRuns(run)
  const { pastRun } = settings
  const asked = pastRun === undefined ? all : [findRun(all, pastRun)]
  const texts = await takeBackEdits({ wanted: asked, all }, settings, run)
  const { inventory, sshConfig } = await selectHosts(settings, run, { texts })
  const warn = (message: string): void => run.emit({ kind: 'warning', message })
  const wanted = await wantedRuns(all, inventory, pastRun, warn)
  await takeBackOtherEdits({ wanted: wanted.runs, all }, settings, run)
  const hosts = new Map(wanted.runs.flatMap((past) => past.hosts.map((host) => [host.name, host])))
  // With nothing to do, no journal is needed, nor a place to write one.
  if (wanted.runs.length > 0) await beginJournal([...hosts.values()], settings, run)
  const report = await recoverRuns(wanted, { inventory, sshConfig, settings }, run)
  return {
    exitCode: exitCodeOfRecovery(report),
    text: ({ paint }) => renderRecovery(report, paint),
    json: () => jsonOfRecovery(report),
    end: endOf(report),
  }
}

function endOf(report: RecoverReport): RunEnd {
  const exitCode = exitCodeOfRecovery(report)
  const outcome = exitCode === 0 ? 'recovered' : exitCode === 130 ? 'interrupted' : 'unfinished'
  return { outcome, words: recoverySummary(report), exitCode, finished: exitCode !== 8 }
}
