import { plainChange } from '../journal/recorded-change.ts'
import { exitCodeOfRecovery, isFinished, type RecoverReport } from '../outcomes/recovery.ts'

/** A recovery as one JSON document, for programs. */
export function jsonOfRecovery(report: RecoverReport): object {
  return {
    command: 'recover',
    run: report.run,
    outcome: outcomeOf(report),
    exitCode: exitCodeOfRecovery(report),
    remark: report.remark,
    runs: report.recoveries.map((recovery) => ({
      run: recovery.past.id,
      command: recovery.past.begun.command,
      time: recovery.past.begun.time,
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
