/** How far a session came before it failed. */
export type SessionStage = 'connect' | 'host-key' | 'login' | 'become'

/** Why a session could not be opened: what happened, and what to do next, in whole sentences and without secrets. */
export interface SessionFault {
  readonly stage: SessionStage
  readonly reason: string
  readonly remedy: string
}
