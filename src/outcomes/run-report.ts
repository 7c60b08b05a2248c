import type { Holder } from '../agent/holder.ts'
import type { ChainState } from '../guard/mangle-chain.ts'
import type { PlacedRule } from '../guard/placed-rule.ts'
import type { Family } from '../ip/dual.ts'
import type { Counters } from '../iptables/rule.ts'
import type { PastRun } from '../journal/past-run.ts'
import type { NftTable } from '../nft/printed-table.ts'
import type { Change } from '../plan/change.ts'
import type { Plan } from '../plan/plan.ts'
import type { Finding } from '../preflight/check.ts'
import type { Purpose } from '../preflight/preflight.ts'
import type { TriedProbe } from '../probes/tried-probe.ts'
import type { HostFault, HostOutcome, Objection } from '../transaction/outcome.ts'

/** How one host came out of a run. */
export interface HostReport {
  readonly host: string
  readonly address: string
  /** The findings of all checks, in their order. They end where the session or the reading failed. */
  readonly findings: readonly Finding[]
  /** Whether its rules and sets could be read. */
  readonly known: boolean
  /** Which run held it when it was read; unset: none. */
  readonly heldBy: Holder | undefined
  /** What was to be changed. Empty if the host is as wanted, or there is no plan for it. */
  readonly changes: readonly Change[]
  /** What this run has changed, of a host that was read again after that: there, `changes` are what would be changed now. */
  readonly made?: readonly Change[]
  readonly notes: readonly string[]
  /** It could not be reached, and the run went on without it. */
  readonly tolerated?: true
  /** Whether this run is to take the guard off it, or would if it could log in. */
  readonly leaves?: true
  /** Which positions our rule may have, and what it does to traffic. Unset without a plan to protect. */
  readonly placement: Extract<Plan, { kind: 'planned' }>['placement']
  /** Our rules as they stood in FORWARD when the host was last planned for. */
  readonly guards: readonly PlacedRule[]
  /** Our table as it stood when the host was last planned for. */
  readonly table?: NftTable | undefined
  /** Our chains as they stood in mangle when the host was last planned for. */
  readonly chains?: readonly { readonly family: Family; readonly chain: ChainState }[]
  readonly rejected: Counters | undefined
  /** How many requests its agent was sent. */
  readonly requests: number
  readonly outcome: HostOutcome | undefined
  readonly fault: HostFault | undefined
}

/**
 * A whole run, as every output format reads it. `pending`: there are changes, and this run does not make them; `audited`:
 * it only ran the checks; `refused`: a check or probe failed; `declined`: nobody said yes to `--ask`; `moved`: the
 * change is kept, but the guard no longer works as planned, or a check fails since; `stale`: other programs changed the rules again and again.
 */
export interface RunReport {
  /** The name of its command, only to be shown. */
  readonly command: string
  readonly purpose: Purpose
  /** What it wants of all hosts. */
  readonly goal: 'protect' | 'remove'
  /** The arguments of all `-i`, absolute, a line for each. */
  readonly inventory: string
  /** Its id. Unset for a run without a journal, which nobody could find again. */
  readonly run: string | undefined
  readonly kind:
    | 'done'
    | 'pending'
    | 'audited'
    | 'moved'
    | 'refused'
    | 'declined'
    | 'rolled-back'
    | 'stale'
    | 'interrupted'
  readonly hosts: readonly HostReport[]
  readonly probes: readonly TriedProbe[]
  /** Why a change was rolled back although every host had verified it, or why it was declined; else empty. */
  readonly objections: readonly Objection[]
  readonly warnings: readonly string[]
  /** Runs on these hosts whose process died; those that this run has finished are `finished`. */
  readonly unfinished: readonly PastRun[]
  /** Whether somebody was shown findings and changes, and asked about them. */
  readonly asked: boolean
  /** For how long hosts were watched after the change, and on which of them other programs changed FORWARD; unset: not at all. */
  readonly watched?: {
    readonly seconds: number
    readonly refreshed: readonly string[]
    /** Hosts whose session was lost meanwhile. They keep the change, and nobody knows whether it lasts. Unset: none. */
    readonly unread?: readonly string[]
    /** Ctrl-C ended the watch. The change is kept, and nobody knows whether it lasts. */
    readonly interrupted?: true
  }
  /** What became of the inventory file, of a run that edits it. */
  readonly edit?: {
    readonly file: string
    readonly change: 'add' | 'remove'
    readonly host: string
    readonly written: boolean
  }
  /** The names of the hosts in each wave of the change, if there are several; else empty. */
  readonly waves: readonly (readonly string[])[]
  /** The number of the last wave that was begun; unset: there was no transaction. */
  readonly reached?: number | undefined
  /** The names of the hosts that are to go first, by `--serial-first`; unset: it is not given. */
  readonly first?: ReadonlySet<string> | undefined
  /** It keeps to a plan that somebody has approved (`--plan`), so it is about all hosts of that plan. */
  readonly approved?: true
  /** The hosts to protect that `--limit` left out. */
  readonly leftOut: readonly string[]
  /** Whether to show the changes as rules. */
  readonly diff: boolean
}

/** One word for a host, the worst that is true of it. */
export type HostStatus =
  | 'unreachable'
  | 'left-out'
  | 'failed'
  | 'incomplete'
  | 'rolled-back'
  | 'changed'
  | 'pending'
  | 'ok'

/** The status of a host in a run. */
export function statusOf(report: HostReport, run: RunReport): HostStatus {
  if (report.outcome?.kind === 'incomplete') return 'incomplete'
  if (report.tolerated) return 'left-out'
  const failed = failures(report)[0]
  if (failed) return failed.unreachable ? 'unreachable' : 'failed'
  if (report.fault) return report.fault.kind === 'lost' ? 'unreachable' : 'failed'
  if (run.objections.some(({ host }) => host === report.host)) return 'failed'
  if (report.outcome?.kind === 'rolled-back') return 'rolled-back'
  if (report.made && report.changes.length > 0) return 'pending'
  if (report.outcome?.kind === 'committed') return 'changed'
  const left = run.kind === 'pending' || run.kind === 'declined'
  return left && report.changes.length > 0 ? 'pending' : 'ok'
}

/** What a run has changed on a host, or was to change. */
export function changesOfRun({ made, changes }: HostReport): readonly Change[] {
  return made ?? changes
}

/** Whether a guard of ours, of any kind, stood on a host when it was read. */
export function isGuarded({ guards, table, chains = [] }: HostReport): boolean {
  return guards.length > 0 || table !== undefined || chains.length > 0
}

/** The findings that stop a run. */
export function failures(report: HostReport): readonly Finding[] {
  return report.findings.filter(({ result }) => result.kind === 'fail')
}

/** Whether a finding is a warning that the inventory does not accept. */
export function isOpenWarning({ result, accepted }: Finding): boolean {
  return result.kind === 'warn' && !accepted
}

/** Whether the only objection to the change is that nobody said yes. */
export function isUnconfirmed({ objections, hosts }: RunReport): boolean {
  const only = objections.length > 0 && objections.every(({ kind }) => kind === 'unconfirmed')
  return only && hosts.every(({ fault }) => !fault)
}

/** Whether the run decided to keep its change. */
export function isDecided({ kind }: RunReport): boolean {
  return kind === 'done' || kind === 'moved'
}

/** Whether nobody knows the state of a host: it could not be read since, or did not answer the last request. */
export function isUnseen({ outcome }: HostReport): boolean {
  return outcome?.kind === 'incomplete' && outcome.unseen === true
}

/** Whether a run on these hosts is still unfinished, so that they may not stay as they are. */
export function hasUnfinished({ unfinished }: RunReport): boolean {
  return unfinished.some(({ state }) => state === 'unfinished')
}
