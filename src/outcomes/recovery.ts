import type { PastRun } from '../journal/past-run.ts'
import type { Change } from '../plan/change.ts'

/**
 * How one host of an unfinished run stands now. `as-before`: nothing of that run is there. `superseded`: a later run has
 * decided about the host. `already`: it had what was decided; `changed`: it has it now.
 */
export type RecoveredHost =
  | UnfinishedHost
  | ({ readonly host: string } & (
      | { readonly kind: 'as-before' | 'already' }
      | { readonly kind: 'superseded'; readonly by: string }
      | { readonly kind: 'changed'; readonly changes: readonly Change[] }
    ))

/** A host whose state is unknown or wrong. `doubtful`: this recovery itself left it so. */
export interface UnfinishedHost {
  readonly host: string
  readonly kind: 'unfinished'
  readonly reason: string
  readonly remedy: string
  readonly doubtful: boolean
}

/** A host that stays unfinished, which is not the doing of this recovery. */
export function unfinished(host: string, reason: string, remedy: string): UnfinishedHost {
  return { host, kind: 'unfinished', reason, remedy, doubtful: false }
}

/** A run that was unfinished, and what was found or done on each of its hosts. */
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

/** Whether the journal of the run says that it is finished: else the next run would not know. */
export function isFinished({ past }: Recovery): boolean {
  return past.state === 'finished'
}

/** The names of the hosts that are unfinished. */
export function unfinishedHosts({ hosts }: Recovery): readonly string[] {
  return hosts.flatMap(({ kind, host }) => (kind === 'unfinished' ? [host] : []))
}
