import { readAgentProgram } from '../agent/agent.ts'
import type { InventoryHost } from '../inventory/inventory.ts'
import { requestSeconds } from '../limits.ts'
import { passwordPrompt } from '../prompt/password.ts'
import type { Run } from '../runs/run.ts'
import type { RunSettings } from '../runs/run-settings.ts'
import type { StandIns } from '../ssh/bastion-by-login.ts'
import type { SshConfig } from '../ssh-config/ssh-config.ts'
import { type Credentials, gatherCredentials } from './opening/credentials.ts'
import { findRoutes } from './opening/routes.ts'
import { gatherTrust } from './opening/trust.ts'

/** How sessions are opened in this run. Times are in seconds. */
export interface Opener extends Credentials {
  readonly timeout: number
  /** How long a request may take: longer than each wait that the agent itself limits. */
  readonly requestSeconds: number
  /** How long an agent waits for a sign of life from us before it ends by itself. */
  readonly idle: number
  /** Whether the run has a journal. Without one it changes no host, and its agents come without what would. */
  readonly changes: boolean
}

/** Gathers what sessions need: the ways to the hosts, keys, passwords and known host keys. Each is read or asked for once, and so is the agent's program. */
export async function prepareOpener(
  hosts: readonly InventoryHost[],
  sshConfig: SshConfig,
  settings: RunSettings,
  run: Run,
  prompt = passwordPrompt(run.signal),
  standIns: StandIns = new Map(),
): Promise<Opener> {
  const changes = run.journal.isBegun()
  readAgentProgram(changes)
  const routes = await findRoutes(hosts, sshConfig, settings)
  await run.flushed()
  const trust = gatherTrust(settings, run.emit)
  const { user, emit } = run
  const surroundings = { settings, user, routes, sshConfig, trust, standIns, emit }
  const { dial, leaveToSsh, close } = await gatherCredentials(hosts, surroundings, prompt)
  return {
    ...{ dial, leaveToSsh, close },
    timeout: settings.timeout,
    requestSeconds,
    idle: 2 * settings.lease,
    changes,
  }
}
