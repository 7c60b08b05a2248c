import type { Agent } from '../agent/agent.ts'
import type { HostState } from '../facts/state.ts'
import type { Intent } from '../guard/intent.ts'
import type { Change } from '../plan/change.ts'
import type { HostFault } from './outcome.ts'

/** How a host was read, what it shall be and what that takes. */
export interface HostPlan {
  readonly before: HostState
  readonly intent: Intent
  readonly changes: readonly Change[]
}

/** One host in a transaction: its plan, and how to reach it. */
export interface Participant extends HostPlan {
  readonly host: string
  readonly agent: Agent
  /** Reads the host again, checks it and plans anew; or says why it is not fit for the change any more. */
  readonly planAgain: () => Promise<HostPlan | Pick<HostFault, 'kind' | 'reason'>>
  /** Opens a new session when the first is lost; undefined, with a reason, if the host cannot be reached. */
  readonly reopen: () => Promise<Agent | { readonly unreachable: string }>
}

/** On whose behalf hosts are changed, and how long anybody waits. */
export interface Terms {
  readonly owner: Owner
  /** Seconds that a host keeps an uncommitted change without a sign of the runner. */
  readonly lease: number
  /** Milliseconds that a host is tried for which did not confirm its commit. */
  readonly patience: number
}

/** Who changes hosts: the run's id, and words for whoever finds the host locked. No tabs, no newlines. */
export interface Owner {
  readonly run: string
  readonly who: string
}
