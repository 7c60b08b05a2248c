import type { HostFacts } from '../facts/host-facts.ts'
import type { HostState } from '../facts/state.ts'
import type { Intent, ProtectIntent } from '../guard/intent.ts'
import type { InventoryHost } from '../inventory/inventory.ts'
import type { Plan } from '../plan/plan.ts'

/**
 * What a check found. A `reason` says what is so, a `remedy` what to do; both are whole sentences without host name.
 * `unjudged`: nothing can be said, because what the question is about is not there.
 */
export type CheckResult =
  | { readonly kind: 'pass' }
  | { readonly kind: 'unjudged'; readonly reason: string }
  | { readonly kind: 'warn' | 'fail'; readonly reason: string; readonly remedy: string }

/** A result under the title of its check. */
export interface Finding {
  readonly title: string
  readonly result: CheckResult
  /** The host could not be reached or logged in to, so that nothing else is known of it. */
  readonly unreachable?: true
}

/** All that a check may look at: one host, read and planned for, and the first address of each other host. */
export interface Subject<I extends Intent = Intent> {
  readonly host: InventoryHost
  readonly facts: HostFacts
  readonly state: HostState
  readonly intent: I
  readonly plan: Plan
  readonly peers: readonly string[]
}

/** A question about one host that apply asks before it touches any. Pure. */
export interface Check<I extends Intent = Intent> {
  readonly title: string
  readonly judge: (subject: Subject<I>) => CheckResult
}

/** A check that is asked only where protection is wanted. */
export type ProtectionCheck = Check<ProtectIntent>

export const pass: CheckResult = { kind: 'pass' }

/** A result that stops the run before anything is changed. */
export function fail(reason: string, remedy: string): CheckResult {
  return { kind: 'fail', reason, remedy }
}

/** A result that is told but stops nothing. */
export function warn(reason: string, remedy: string): CheckResult {
  return { kind: 'warn', reason, remedy }
}
