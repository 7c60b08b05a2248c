import type { InventoryHost } from '../inventory/inventory.ts'
import { requestSeconds } from '../limits.ts'
import { passwordPrompt } from '../prompt/password.ts'
import type { Run, RunSettings } from '../runs/run.ts'
import { type KnownHosts, loadKnownHosts } from '../ssh/known-hosts.ts'
import { type Dial, gatherCredentials } from './opening/credentials.ts'

/** How sessions are opened in this run. Times are in seconds. */
export interface Opener {
  readonly dial: Dial
  readonly knownHosts: KnownHosts
  readonly timeout: number
  /** How long a request may take: longer than each wait that the agent itself limits. */
  readonly patience: number
  /** How long an agent waits for a sign of life from us before it ends by itself. */
  readonly idle: number
}

/** Gathers what sessions need: keys, passwords and known host keys. Each is read or asked for once. */
export async function prepareOpener(
  hosts: readonly InventoryHost[],
  settings: RunSettings,
  run: Run,
): Promise<Opener> {
  await run.flushed()
  const dial = await gatherCredentials(hosts, settings, run.user, passwordPrompt(run.signal))
  return {
    dial,
    knownHosts: await loadKnownHosts(),
    timeout: settings.timeout,
    patience: requestSeconds,
    idle: 2 * settings.lease,
  }
}
