import { prepareOpener } from '../cluster/opener.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { latestFirst } from '../journal/order-of-runs.ts'
import { type RecoverReport, type Recovery, unfinishedHosts } from '../outcomes/recovery.ts'
import type { Run } from '../runs/run.ts'
import type { RunSettings } from '../runs/run-settings.ts'
import type { SshConfig } from '../ssh-config/ssh-config.ts'
import { markFinished } from '../stages/unfinished-runs.ts'
import { laterNow } from './finishing/later-runs.ts'
import { recoverRun } from './finishing/recover-run.ts'
import type { Wanted } from './runs-to-recover.ts'

/** What all recoveries share. */
interface Surroundings {
  readonly inventory: Inventory
  readonly sshConfig: SshConfig
  readonly settings: RunSettings
}

/**
 * Recovers one run after the other and marks each that is finished. The latest comes first, because its changes were made
 * on top of the others.
 */
export async function recoverRuns(
  { runs, remark }: Wanted,
  { inventory, sshConfig, settings }: Surroundings,
  run: Run,
): Promise<RecoverReport> {
  if (runs.length === 0) return { run: undefined, interrupted: false, recoveries: [], remark }
  const names = new Set(runs.flatMap(({ hosts }) => hosts.map(({ name }) => name)))
  const hosts = inventory.hosts.filter(({ name }) => names.has(name))
  const opener = await prepareOpener(hosts, sshConfig, settings, run)
  const recoveries: Recovery[] = []
  try {
    for (const past of [...runs].sort(latestFirst)) {
      const later = () => laterNow(past, inventory, run)
      const recovery = await recoverRun(past, { inventory, opener, settings, later }, run)
      const unfinished = unfinishedHosts(recovery).length > 0
      recoveries.push(unfinished ? recovery : { ...recovery, past: markFinished(past, run) })
    }
  } finally {
    opener.close()
  }
  return { run: run.id, interrupted: run.signal.aborted, recoveries, remark }
}
