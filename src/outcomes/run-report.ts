import type { Holder } from '../agent/holder.ts'
import type { PlacedRule } from '../guard/guard.ts'
import type { Intent } from '../guard/intent.ts'
import type { Counters } from '../iptables/rule.ts'
import type { PastRun } from '../journal/past-run.ts'
import type { Change } from '../plan/change.ts'
import type { Plan } from '../plan/plan.ts'
import type { Finding } from '../preflight/check.ts'
import type { Purpose } from '../preflight/preflight.ts'
import type { TriedProbe } from '../probes/tried-probe.ts'
import type { HostFault, HostOutcome, Objection } from '../transaction/outcome.ts'

/** How one host came out of a run, for any reader. */
export interface HostReport {
  readonly host: string
  readonly address: string
  /** What preflight found, in its order; ends at the first fault of the session. */
  readonly findings: readonly Finding[]
  /** Whether its rules and sets could be read. */
  readonly known: boolean
  /** The run that held it when it was read; unset: none. */
  readonly heldBy: Holder | undefined
  /** What was to be done; empty if the host is as it should be or could not be planned for. */
  readonly changes: readonly Change[]
  readonly notes: readonly string[]
  /** Where our rule may stand, and what that does to traffic; unset where none is wanted or there is no place. */
  readonly place: Extract<Plan, { kind: 'planned' }>['placement']
  /** Our rules as they stood in FORWARD when the host was last planned for. */
  readonly guards: readonly PlacedRule[]
  readonly turnedAway: Counters | undefined
  /** How many requests the agent there was sent. */
  readonly requests: number
  readonly outcome: HostOutcome | undefined
  readonly fault: HostFault | undefined
}

/**
 * A whole run, as every output format reads it. `pending`: there are changes, and this run was not to make them;
 * `audited`: only the checks were asked; `moved`: others have undone it since; `refused`: a host did not pass them.
 */
export interface RunReport {
  /** The name of its command, only to be shown. */
  readonly command: string
  readonly purpose: Purpose
  /** What it wants of all hosts. */
  readonly goal: Intent['kind']
  /** Its id, if it has a journal: else nobody would find it again. */
  readonly run: string | undefined
  readonly kind:
    | 'done'
    | 'pending'
    | 'audited'
    | 'moved'
    | 'refused'
    | 'rolled-back'
    | 'stale'
    | 'interrupted'
  readonly hosts: readonly HostReport[]
  readonly probes: readonly TriedProbe[]
  /** Why a change that was verified everywhere was taken back all the same; else empty. */
  readonly objections: readonly Objection[]
  readonly warnings: readonly string[]
  /** Runs on these hosts whose process died; those that this run has finished are `finished`. */
  readonly unfinished: readonly PastRun[]
  /** Whether somebody was shown what checks found and what was changed, and asked whether to keep it. */
  readonly asked: boolean
  /** For how long hosts were watched after the change, and on which of them others wrote to FORWARD; unset: not at all. */
  readonly watched?: {
    readonly seconds: number
    readonly refreshed: readonly string[]
    /** Ctrl-C ended the watch. The change is kept, and nobody knows whether it lasts. */
    readonly interrupted?: true
  }
  /** The hosts to protect that `--limit` left out. */
  readonly leftOut: readonly string[]
  /** Whether to show the changes as rules. */
  readonly diff: boolean
}

/** One word for a host, the worst that is true of it. */
export type HostStatus =
  | 'unreachable'
  | 'failed'
  | 'incomplete'
  | 'rolled-back'
  | 'changed'
  | 'pending'
  | 'ok'

export function statusOf(report: HostReport, run: RunReport): HostStatus {
  if (report.outcome?.kind === 'incomplete') return 'incomplete'
  const failed = failures(report)[0]
  if (failed) return failed.unreachable ? 'unreachable' : 'failed'
  if (report.fault) return report.fault.kind === 'lost' ? 'unreachable' : 'failed'
  if (run.objections.some(({ host }) => host === report.host)) return 'failed'
  if (report.outcome?.kind === 'rolled-back') return 'rolled-back'
  if (report.outcome?.kind === 'committed') return 'changed'
  return report.changes.length > 0 && run.kind === 'pending' ? 'pending' : 'ok'
}

/** The findings that stop a run. */
export function failures(report: HostReport): readonly Finding[] {
  return report.findings.filter(({ result }) => result.kind === 'fail')
}

/** Whether a finding is a warning that the inventory does not accept. */
export function isOpenWarning({ result, accepted }: Finding): boolean {
  return result.kind === 'warn' && !accepted
}

/** Whether the one thing that speaks against the change is that nobody said yes to it. */
export function isUnconfirmed({ objections, hosts }: RunReport): boolean {
  const only = objections.length > 0 && objections.every(({ kind }) => kind === 'unconfirmed')
  return only && hosts.every(({ fault }) => !fault)
}

/** Whether nobody knows how a host stands: it could not be read since, or did not answer to the last word. */
export function isUnseen({ outcome }: HostReport): boolean {
  return outcome?.kind === 'incomplete' && outcome.unseen === true
}
