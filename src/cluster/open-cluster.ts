import { passwordPrompt } from '../prompt/password.ts'
import type { Run } from '../runs/run.ts'
import type { RunSettings } from '../runs/run-settings.ts'
import type { StandIns } from '../ssh/bastion-by-login.ts'
import { hostList } from '../text/host-list.ts'
import { typed } from '../text/shell-quotes.ts'
import { closeHosts, type OpenedHost, openHosts } from './open-hosts.ts'
import { type Opener, prepareOpener } from './opener.ts'
import type { SelectedHosts, Selection } from './select-hosts.ts'

/** The selected hosts of an inventory, each opened and read, or with the finding that says why not. */
export interface OpenCluster extends Selection {
  readonly opener: Opener
  readonly opened: readonly OpenedHost[]
  /** Selected hosts that cannot be reached, and that the run goes on without; unset: none. */
  readonly tolerated?: readonly OpenedHost[]
}

/**
 * Asks for passwords, then opens all selected hosts at once and reads their facts; with `--tolerate-unreachable`, silent ones are dialled
 * twice. `await using` closes them.
 */
export async function openCluster(
  { sshConfig, ...selection }: SelectedHosts,
  settings: RunSettings,
  run: Run,
  prompt = passwordPrompt(run.signal),
  standIns: StandIns = new Map(),
): Promise<OpenCluster & AsyncDisposable> {
  warnOfOtherUsers(selection.hosts, settings, run)
  const opener = await prepareOpener(selection.hosts, sshConfig, settings, run, prompt, standIns)
  try {
    // This number comes before the hosts are read: a run that decided earlier has a lower one, and its change is seen.
    run.journal.number()
    const opened = await openHosts(selection.hosts, opener, run, settings.tolerated !== undefined)
    return {
      ...selection,
      ...{ opener, opened },
      async [Symbol.asyncDispose]() {
        await closeHosts(opened)
        opener.close()
      },
    }
  } catch (error) {
    opener.close()
    throw error
  }
}

/** As with Ansible, the inventory wins over `-u`; who gives both should know it. */
function warnOfOtherUsers(hosts: Selection['hosts'], { user }: RunSettings, run: Run): void {
  const others = hosts.filter((host) => host.user !== undefined && host.user !== user)
  if (user === undefined || others.length === 0) return
  const names = hostList(others.map(({ name }) => name))
  const message = `-u ${typed(user)} is not used for ${names}: the inventory sets another ansible_user for them. To override it: -e ${typed(`ansible_user=${user}`)}`
  run.emit({ kind: 'warning', message })
}
