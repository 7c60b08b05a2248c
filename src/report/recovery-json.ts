import { plainChange } from '../journal/recorded-change.ts'
import { exitCodeOfRecovery, isFinished, type RecoverReport } from '../outcomes/recovery.ts'

/** What the JSON document of a recovery holds. */
export function jsonOfRecovery(report: RecoverReport): object {
  return {
    run: report.run,
    outcome: outcomeOf(report),
    remark: report.remark,
    runs: report.recoveries.map((recovery) => ({
      run: recovery.past.id,
      command: recovery.past.begun.command,
      started: recovery.past.begun.time,
      who: recovery.past.begun.who,
      decided: recovery.past.decided,
      finished: isFinished(recovery),
      hosts: recovery.hosts.map(({ host, kind, ...rest }) => ({
        ...{ host, state: kind, ...rest },
        ...('changes' in rest && { changes: rest.changes.map(plainChange) }),
      })),
    })),
  }
}

function outcomeOf(report: RecoverReport): 'finished' | 'unfinished' | 'interrupted' {
  const code = exitCodeOfRecovery(report)
  return code === 0 ? 'finished' : code === 8 ? 'unfinished' : 'interrupted'
}
