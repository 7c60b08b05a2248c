import type { PastRun } from '../journal/past-run.ts'
import { plainChange } from '../journal/recorded-change.ts'
import type { Change } from '../plan/change.ts'

/**
 * How one host of an interrupted run stands now. `as-before`: nothing of that run is there; `superseded`: nor need it
 * be, a later run has the last word on the host; `already`: it has what was decided; `changed`: it has it now.
 */
export type RecoveredHost = { readonly host: string } & (
  | { readonly kind: 'as-before' | 'already' }
  | { readonly kind: 'superseded'; readonly by: string }
  | { readonly kind: 'changed'; readonly changes: readonly Change[] }
  | {
      readonly kind: 'unfinished'
      readonly reason: string
      readonly remedy: string
      /** Whether this recovery itself left it in doubt. */
      readonly doubtful: boolean
    }
)

/** An interrupted run, settled by now or not, and what was found or done on each of its hosts. */
export interface Recovery {
  readonly past: PastRun
  readonly hosts: readonly RecoveredHost[]
}

/** All that one `fw-run recover` did. `remark` says why there was nothing to do. */
export interface RecoverReport {
  /** Its id, if it has a journal: one that had nothing to do has none. */
  readonly run: string | undefined
  readonly interrupted: boolean
  readonly recoveries: readonly Recovery[]
  readonly remark: string | undefined
}

/** Whether its hosts are settled and its journal says so: else the next run would not know. */
export function isFinished({ past }: Recovery): boolean {
  return past.state === 'finished'
}

/** The names of the hosts of a run that are not settled. */
export function unfinishedHosts({ hosts }: Recovery): readonly string[] {
  return hosts.flatMap(({ kind, host }) => (kind === 'unfinished' ? [host] : []))
}

/**
 * 0: settled, or nothing to settle; 8: some host is not, and be it that it cannot be reached, or the journal could not be
 * marked; 130: interrupted before the end, every host as it was found.
 */
export function exitCodeOfRecovery({ recoveries, interrupted }: RecoverReport): number {
  const hosts = recoveries.flatMap((one) => one.hosts)
  if (hosts.some((host) => host.kind === 'unfinished' && host.doubtful)) return 8
  if (interrupted) return 130
  return recoveries.every(isFinished) ? 0 : 8
}

/** What came of it, in a few words for the list of runs. */
export function recoverySummary({ recoveries, interrupted }: RecoverReport): string {
  if (recoveries.length === 0) return 'nothing to settle'
  const open = recoveries.filter((one) => !isFinished(one))
  const named = (some: readonly Recovery[]): string => some.map(({ past }) => past.id).join(', ')
  if (open.length === 0) return `settled ${named(recoveries)}`
  return `${interrupted ? 'interrupted, ' : ''}not settled: ${named(open)}`
}

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
