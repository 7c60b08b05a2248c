import type { MatchedRule } from './matched-rule.ts'
import type { Packet } from './packet.ts'

/**
 * What a chain decides on a packet. `return`: the chain has no policy and ended. `unknown`: any verdict or none is possible;
 * `reason` says why.
 */
export type Verdict =
  | { readonly kind: 'accept' | 'drop' | 'return' }
  | { readonly kind: 'reject'; readonly with: string | undefined }
  | { readonly kind: 'dnat' | 'snat' | 'redirect' | 'masquerade'; readonly to: string | undefined }
  | { readonly kind: 'unknown'; readonly reason: string }

/**
 * A verdict that a packet may get. `path` is the jumps that lead to it, then the rule that gives it. For a policy it is only
 * the rule that left the chain, if there is one. `packet` has its marks at that time.
 */
export interface PossibleVerdict {
  readonly verdict: Verdict
  readonly path: readonly MatchedRule[]
  readonly packet: Packet
  /** How many rules had matched at that time, in the path or not. */
  readonly matched: number
}

/** The verdict of a built-in chain's policy; a chain without a policy returns. */
export function verdictOfPolicy(policy: string | undefined): Verdict {
  if (policy === undefined) return { kind: 'return' }
  if (policy === 'ACCEPT') return { kind: 'accept' }
  if (policy === 'DROP') return { kind: 'drop' }
  return { kind: 'unknown', reason: `fw-run does not know the policy ${policy}` }
}

/** Whether two verdicts are the same; the rules that gave them do not count. */
export function sameVerdict(a: Verdict, b: Verdict): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
