import type { InventoryHost } from '../inventory/inventory.ts'
import { requestSeconds } from '../limits.ts'
import { passwordPrompt } from '../prompt/password.ts'
import { loadKnownHosts } from '../ssh/known-hosts.ts'
import { gatherCredentials } from './credentials.ts'
import type { Opener } from './open-hosts.ts'
import type { Run } from './run.ts'
import type { RunSettings } from './settings.ts'

/** Gathers all that opening sessions needs: keys, passwords and known host keys, each read or asked once. */
export async function prepareOpener(
  hosts: readonly InventoryHost[],
  settings: RunSettings,
  run: Run,
): Promise<Opener> {
  await run.flushed()
  const dial = await gatherCredentials(hosts, settings, passwordPrompt(run.signal))
  return {
    dial,
    knownHosts: await loadKnownHosts(),
    timeout: settings.timeout,
    patience: requestSeconds,
    idle: 2 * settings.lease,
  }
}
