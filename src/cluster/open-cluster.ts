import type { Run, RunSettings } from '../runs/run.ts'
import { closeHosts, type OpenedHost, openHosts } from './open-hosts.ts'
import { type Opener, prepareOpener } from './opener.ts'
import type { Selection } from './select-hosts.ts'

/** The selected hosts of an inventory, each opened and read, or with the finding that says why not. */
export interface OpenCluster extends Selection {
  readonly opener: Opener
  readonly opened: readonly OpenedHost[]
}

/** Asks for passwords, then opens all selected hosts at once and reads their facts. `await using` closes them. */
export async function openCluster(
  selection: Selection,
  settings: RunSettings,
  run: Run,
): Promise<OpenCluster & AsyncDisposable> {
  const opener = await prepareOpener(selection.hosts, settings, run)
  const opened = await openHosts(selection.hosts, opener, run)
  return { ...selection, opener, opened, [Symbol.asyncDispose]: () => closeHosts(opened) }
}
