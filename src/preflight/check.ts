import { type CheckId, checkList } from '../check-names/check-list.ts'
import { messageOf } from '../errors.ts'
import type { HostFacts } from '../facts/host-facts.ts'
import type { Peers } from '../facts/peers.ts'
import type { HostState } from '../facts/state.ts'
import type {
  EarlyIntent,
  ForwardIntent,
  Intent,
  MangleIntent,
  NftIntent,
  ProtectIntent,
} from '../guard/intent.ts'
import type { InventoryHost } from '../inventory/inventory.ts'
import type { Plan } from '../plan/plan.ts'
import type { UnknownHostKey } from '../ssh/session-fault.ts'
import { limitWithout } from '../text/limit-without.ts'
import type { Instead } from './evidence/other-guard.ts'

/**
 * What a check found. A `reason` says what is so, a `remedy` what to do, both without the name of the host.
 * `unjudged`: the check has no answer, because what it asks about does not exist.
 */
export type CheckResult =
  | { readonly kind: 'pass' }
  | { readonly kind: 'unjudged'; readonly reason: string }
  | { readonly kind: 'warn' | 'fail'; readonly reason: string; readonly remedy: string }

/** A check by its id, with its result on one host. */
export interface Finding {
  readonly id: CheckId
  readonly result: CheckResult
  /** The host could not be reached or logged in to, so nothing else is known about it. */
  readonly unreachable?: true
  /** The host answered nothing at all: `--tolerate-unreachable` may leave it out. */
  readonly silent?: true
  /** The host key is unknown, and nothing else is wrong with it. */
  readonly unknownKey?: UnknownHostKey
  /** The inventory accepts this warning, by `fw_accept`. */
  readonly accepted?: true
}

/** All that a check may look at: one host, its facts and its plan, and the first address of each node. */
export interface Subject<I extends Intent = Intent> {
  readonly host: InventoryHost
  readonly facts: HostFacts
  readonly state: HostState
  readonly intent: I
  readonly plan: Plan
  readonly peers: Peers
  /** The guard to which a remedy may lead where this one fails. */
  readonly instead: Instead
}

/** A question about one host, asked before any host is changed. Pure. */
export interface Check<I extends Intent = Intent> {
  readonly id: CheckId
  readonly judge: (subject: Subject<I>) => CheckResult
  /** Where warnings take long: what `judge` finds if that is a failure, else nothing. */
  readonly failure?: (subject: Subject<I>) => CheckResult | undefined
}

/** A check that is asked only where the host is to be protected, whatever the guard. */
export type ProtectionCheck = Check<ProtectIntent>

/** A check of the guard `forward`: set and rule. */
export type ForwardCheck = Check<ForwardIntent>

/** A check of a guard before routing: table or chain. */
export type EarlyCheck = Check<EarlyIntent>

/** A check of the guard `nft`: the table. */
export type NftCheck = Check<NftIntent>

/** A check of the guard `mangle`: the chain. */
export type MangleCheck = Check<MangleIntent>

/** What a finding is called: what holds where it passes, what is wrong where it warns or fails. */
export function titleOf({ id, result }: Finding): string {
  const { title, trouble } = checkList[id]
  return result.kind === 'warn' || result.kind === 'fail' ? trouble : title
}

export const pass: CheckResult = { kind: 'pass' }

/** A result that stops the run before anything is changed. */
export function fail(reason: string, remedy: string): CheckResult {
  return { kind: 'fail', reason, remedy }
}

/** A reason for a warning, and what to do about it. */
export interface Doubt {
  readonly reason: string
  readonly remedy: string
}

/** One warning for all doubts; it passes where there is none. `fw_accept` would accept all of them, so the remedy says so. */
export function warnOf(doubts: readonly Doubt[]): CheckResult {
  if (doubts.length === 0) return pass
  return warn(
    doubts.map(({ reason }) => reason).join('. '),
    [...doubts.map(({ remedy }) => remedy), ...(doubts.length > 1 ? [acceptsAll] : [])].join(' '),
  )
}

const acceptsAll =
  'fw_accept accepts all these warnings of the check at once. So use it only if all of them are harmless for you.'

/** A result that is shown and stops nothing. */
export function warn(reason: string, remedy: string): CheckResult {
  return { kind: 'warn', reason, remedy }
}

/** The result where our own work on what a host told has failed. */
export function ownFault(thrown: unknown, host: string): CheckResult {
  return fail(
    `fw-run could not process the facts of this host: ${messageOf(thrown)}`,
    `This is a bug in fw-run: please report it. To go on, leave that host out: ${limitWithout(host)}.`,
  )
}
