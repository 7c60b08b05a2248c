/**
 * How one host came out of a transaction. `left` says what of ours is not as it was before, or may not be. Where
 * nothing is in doubt, it says what could not be cleared away, usually nothing.
 */
export type HostOutcome =
  | { readonly kind: 'committed' | 'untouched' | 'rolled-back'; readonly left?: string }
  | {
      readonly kind: 'incomplete'
      readonly left: string
      readonly remedy: string
      /** The host could not be read afterwards, so it may well be as it should be. */
      readonly unseen?: true
    }

/**
 * What went wrong on one host, and at which step. `hold`: after it had made and verified its change, and before the
 * decision. `unheard`: the host had heard nothing from us, so it ended the session or rolled back. `unfit`: it was
 * read again, and now a check fails or there is no plan.
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

/** Why a change that every host has verified is not committed. `host`: the one that it is about, if any. */
export interface Objection {
  /**
   * No SSH banner on a new connection; a probe fails now; nobody confirmed; the decision, or the inventory, cannot be written;
   * something is not as in the plan of `--plan`; what this run knew when it began is not true any more, because of another run.
   */
  readonly kind:
    | 'unanswered'
    | 'probe'
    | 'unconfirmed'
    | 'journal'
    | 'inventory'
    | 'plan'
    | 'overtaken'
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
  /** The number of the last wave that was begun, from 1; 0: none was. */
  readonly reached: number
}
