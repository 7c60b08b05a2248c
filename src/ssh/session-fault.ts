/** How far a session came before it failed. */
export type SessionStage = 'connect' | 'host-key' | 'login' | 'become'

/**
 * Why a session could not be opened: `reason` says what happened, `remedy` what to do next, both in whole
 * sentences and without secrets. `knownHostsLine` is set for a host key that nobody has pinned yet: the
 * line that would pin exactly the key seen.
 */
export interface SessionFault {
  readonly stage: SessionStage
  readonly reason: string
  readonly remedy: string
  readonly knownHostsLine?: string
}
