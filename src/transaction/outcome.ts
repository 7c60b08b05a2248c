/**
 * How one host came out of a transaction. `left` says in words what of ours is not as it was, or may not be; where nothing
 * is in doubt, what could not be cleared away, usually nothing.
 */
export type HostOutcome =
  | { readonly kind: 'committed' | 'untouched' | 'rolled-back'; readonly left?: string }
  | {
      readonly kind: 'incomplete'
      readonly left: string
      readonly remedy: string
      /** Nobody could look: it may well be as it should be. */
      readonly unseen?: true
    }

/**
 * What went wrong on one host, and at which step. `hold`: it had made and verified its change, which was not kept yet;
 * `unheard`: it had heard nothing from us, and so ended the session or took its change back; `unfit`: others wrote to its
 * rules, and since then a check fails or there is no plan.
 */
export interface HostFault {
  readonly step: 'apply' | 'verify' | 'hold' | 'commit'
  readonly kind: 'failed' | 'lost' | 'locked' | 'stale' | 'unfit' | 'unheard'
  readonly reason: string
}

/** The end of one host's part in a transaction. */
export interface HostResult {
  readonly host: string
  readonly outcome: HostOutcome
  readonly fault: HostFault | undefined
}

/** Why a change that every host has verified is not kept. `host`: the one it is about, if it is about one. */
export interface Objection {
  /** No SSH banner on a new connection; a probe that fails now; nobody said yes; the decision cannot be written down. */
  readonly kind: 'unanswered' | 'probe' | 'unconfirmed' | 'journal'
  readonly host?: string
  readonly reason: string
}

/**
 * How a transaction ended for the cluster. `stale`: others kept changing the rules of some host, and everything is as it
 * was.
 */
export interface TransactionResult {
  readonly kind: 'committed' | 'rolled-back' | 'stale' | 'interrupted'
  readonly hosts: readonly HostResult[]
  /** Why it was rolled back although every host had verified; else empty. */
  readonly objections: readonly Objection[]
}
