import type { Agent } from '../agent/agent.ts'
import type { HostState } from '../facts/state.ts'
import type { Change } from '../plan/change.ts'
import type { Intent } from '../plan/intent.ts'

/** One host in a transaction: how to reach it, how it was read, what it shall be and what that takes. */
export interface Participant {
  readonly host: string
  readonly agent: Agent
  readonly before: HostState
  readonly intent: Intent
  readonly changes: readonly Change[]
  /** Opens a new session when the first is lost; undefined, with a reason, if the host cannot be reached. */
  readonly reopen: () => Promise<Agent | { readonly unreachable: string }>
}

/** Who changes hosts: the run's id, and words for whoever finds the host locked. No tabs, no newlines. */
export interface Owner {
  readonly run: string
  readonly who: string
}
