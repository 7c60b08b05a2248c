import type { Agent, Owner } from '../agent/agent.ts'
import type { HostState } from '../facts/state.ts'
import type { Intent } from '../guard/intent.ts'
import type { Change } from '../plan/change.ts'
import type { HostFault } from './outcome.ts'

/** How a host was read, what is wanted of it, and the changes that lead there. */
export interface HostPlan {
  readonly before: HostState
  readonly intent: Intent
  readonly changes: readonly Change[]
}

/** One host in a transaction: its plan, and how to reach it. */
export interface Participant extends HostPlan {
  readonly host: string
  readonly agent: Agent
  /** Reads the host again, checks it and plans it again; or says why it is not ready for the change any more. */
  readonly planAgain: () => Promise<HostPlan | Pick<HostFault, 'kind' | 'reason'>>
  /** Opens a new session when the first is lost, or says why the host cannot be reached. Never rejects. */
  readonly reopen: () => Promise<Agent | { readonly unreachable: string }>
}

/** Who changes hosts, and how long a host and the runner wait for each other. */
export interface Terms {
  readonly owner: Owner
  /** Seconds that a host keeps an uncommitted change without a sign of the runner. */
  readonly lease: number
  /** Milliseconds that a host may need beyond its lease to roll back. */
  readonly grace: number
  /** Milliseconds that a host may still take for its change once the run is interrupted. */
  readonly afterInterrupt: number
  /** Milliseconds that new sessions are tried to a host that did not confirm its commit. */
  readonly patience: number
  /** The id of a run that has decided about a host, by its name, after this one did, or may have; undefined: none has. May reject. */
  readonly overtaken: (host: string) => Promise<string | undefined>
}
