import { closeHosts, type OpenedHost, type Opener, openHosts } from './open-hosts.ts'
import { prepareOpener } from './prepare-opener.ts'
import type { Run } from './run.ts'
import { type Selection, selectFromInventory } from './select-hosts.ts'
import type { RunSettings } from './settings.ts'
import { warnOfUnfinished } from './unfinished-runs.ts'

/** The selected hosts of an inventory, each opened and read, or with the finding that says why not. */
export interface OpenCluster extends Selection {
  readonly opener: Opener
  readonly opened: readonly OpenedHost[]
}

/** Opens the hosts that a run is about, does the work with them, and closes them whatever comes of it. */
export async function withOpenCluster<T>(
  settings: RunSettings,
  run: Run,
  work: (cluster: OpenCluster) => Promise<T>,
): Promise<T> {
  return withOpenHosts(await selectCluster(settings, run), settings, run, work)
}

/** Selects hosts, and warns of what earlier runs have left on them; `settles` says that this run ends that if it can. */
export async function selectCluster(
  settings: RunSettings,
  run: Run,
  settles = false,
): Promise<Selection> {
  return warnOfUnfinished(await selectFromInventory(settings, run), run, settles)
}

/** The same for hosts that are selected already. */
export async function withOpenHosts<T>(
  selection: Selection,
  settings: RunSettings,
  run: Run,
  work: (cluster: OpenCluster) => Promise<T>,
): Promise<T> {
  const opener = await prepareOpener(selection.hosts, settings, run)
  const opened = await openHosts(selection.hosts, opener, run)
  try {
    return await work({ ...selection, opener, opened })
  } finally {
    await closeHosts(opened)
  }
}
