import { FwRunError } from '../errors.ts'
import type { Inventory, InventoryHost } from '../inventory/inventory.ts'
import { hostsOfPattern } from '../inventory/limit.ts'
import { type InventoryOptions, loadInventory } from '../inventory/load.ts'
import { withoutNode } from '../inventory/members.ts'
import {
  editableInventory,
  editHosts,
  type HostChange,
  type HostEdit,
  verifyEdit,
} from '../inventory/writing/edit-hosts.ts'
import type { PastRun } from '../journal/past-run.ts'
import type { Run } from '../runs/run.ts'
import type { RunSettings } from '../runs/run-settings.ts'
import { openSshConfig, type SshConfig } from '../ssh-config/ssh-config.ts'
import { typed } from '../text/shell-quotes.ts'
import { shown } from '../text/shown.ts'
import { didYouMeanSentence } from '../text/suggestion.ts'
import type { Serial } from '../transaction/waves.ts'
import { questionFor } from './opening/routes.ts'

/** The inventory, and the hosts of it that this run is about. Set members always come from the whole inventory. */
export interface Selection {
  readonly inventory: Inventory
  readonly hosts: readonly InventoryHost[]
  /** How hosts are divided into waves; unset: not at all. */
  readonly serial?: Serial | undefined
  /** Unfinished runs of this jump host on these hosts, also those that this run has finished. */
  readonly unfinished: readonly PastRun[]
  /** Loads and selects again, by the same words; unset: nobody asks for it. Asks nothing, runs no script. Rejects if the inventory is not right now. */
  readonly again?: (() => Promise<Pick<Selection, 'inventory' | 'hosts'>>) | undefined
}

/** The same, before the hosts are opened. */
export interface SelectedHosts extends Selection {
  readonly sshConfig: SshConfig
}

/** What `hosts add` or `hosts remove` makes of the hosts of an inventory, and of its file. */
export interface SelectedChange extends SelectedHosts {
  readonly edit: HostEdit
  /** The protected host that leaves the inventory; unset: none does. It is one of `hosts`, but of no inventory any more. */
  readonly leaving: InventoryHost | undefined
}

/** Loads the inventory as a change of a host makes it, and selects its hosts and the one that leaves it. Writes nothing. */
export async function selectChange(
  change: HostChange,
  settings: RunSettings,
  run: Run,
): Promise<SelectedChange> {
  const editable = await editableInventory(settings.inventory, change)
  const { file, text } = editable
  const before = await load(settings, run, { texts: new Map([[file, text]]) })
  const edit = editHosts(editable, before.inventory, change)
  const { inventory, sshConfig, loadAgain } = await load(settings, run, {
    texts: new Map([[file, edit.after]]),
    remedyWithoutAddress: `Give its address: \`fw-run hosts add ${typed(change.name)}=ADDRESS -i ${typed(file)}\``,
  })
  verifyEdit(before.inventory, inventory, change)
  const [leaving] =
    change.kind === 'remove'
      ? before.inventory.hostsToProtect.filter(({ name }) => name === change.name)
      : []
  const node = before.inventory.nodes.find(({ name }) => name === change.name)
  const chosen = (loaded: Inventory): Pick<Selection, 'inventory' | 'hosts'> => {
    const told =
      change.kind === 'remove' && node
        ? withoutNode(loaded, {
            host: node.name,
            addresses: node.settings.addresses,
            accepted: change.leaveOutside,
          })
        : loaded
    return { inventory: told, hosts: [...told.hostsToProtect, ...(leaving ? [leaving] : [])] }
  }
  const { inventory: told, hosts } = chosen(inventory)
  return {
    ...begin(
      {
        ...{ inventory: told, sshConfig, hosts, unfinished: [] },
        again: async () => chosen(await loadAgain()),
        serial: serialOf(told, hosts, settings),
      },
      run,
    ),
    edit,
    leaving,
  }
}

/** Loads the inventory and applies `--limit`. Begins the run for all who see it, with what the inventory warns of. */
export async function selectHosts(
  settings: RunSettings,
  run: Run,
  options: LoadOptions = {},
): Promise<SelectedHosts> {
  const { inventory, sshConfig, loadAgain } = await load(settings, run, options)
  const chosen = (loaded: Inventory): Pick<Selection, 'inventory' | 'hosts'> => ({
    inventory: loaded,
    hosts:
      settings.limit === undefined
        ? loaded.hostsToProtect
        : hostsOfPattern(loaded, settings.limit, '--limit'),
  })
  const { hosts } = chosen(inventory)
  const serial = serialOf(inventory, hosts, settings)
  const again = async () => chosen(await loadAgain())
  return begin({ inventory, sshConfig, hosts, serial, unfinished: [], again }, run)
}

/** The same for a command that logs in to nobody: it needs no password, so one that cannot be read is no fault. */
export function selectWithoutLogin(settings: RunSettings, run: Run): Promise<SelectedHosts> {
  return selectHosts({ ...settings, askPass: true, askBecomePass: true }, run)
}

/** The same for the one protected host of that name; a `usage` fault if there is none. */
export async function selectHost(
  name: string,
  settings: RunSettings,
  run: Run,
): Promise<SelectedHosts> {
  const { inventory, sshConfig } = await load(settings, run)
  const hosts = inventory.hostsToProtect.filter((host) => host.name === name)
  if (hosts.length > 0) return begin({ inventory, sshConfig, hosts, unfinished: [] }, run)
  const names = inventory.hostsToProtect.map((host) => host.name)
  throw new FwRunError('usage', `No host ${shown(name)} in group ${shown(inventory.group)}.`, {
    remedy: didYouMeanSentence(name, names) ?? '`fw-run inventory` lists the hosts.',
  })
}

/** How the settings divide these hosts into waves. A `usage` fault if no host of theirs is to go first. */
function serialOf(
  inventory: Inventory,
  hosts: readonly InventoryHost[],
  { serial: sizes = [], serialFirst }: RunSettings,
): Serial | undefined {
  if (serialFirst === undefined) return sizes.length === 0 ? undefined : { sizes, first: new Set() }
  const matched = hostsOfPattern(inventory, serialFirst, '--serial-first')
  const first = matched.filter((host) => hosts.includes(host)).map(({ name }) => name)
  if (first.length > 0) return { sizes, first: new Set(first) }
  throw new FwRunError(
    'usage',
    `The pattern of --serial-first ${shown(serialFirst)} matches only hosts that --limit excludes.`,
    { remedy: 'Give --serial-first a host that --limit includes.' },
  )
}

/** What a command wants of the loading beside what the command line asks for. */
type LoadOptions = Pick<InventoryOptions, 'texts' | 'resolvesNames' | 'remedyWithoutAddress'>

type Loaded = Pick<SelectedHosts, 'inventory' | 'sshConfig'> & {
  readonly loadAgain: () => Promise<Inventory>
}

/** The inventory. A host without an address for the set has the one that the SSH configuration dials, if it is one. */
async function load(settings: RunSettings, run: Run, options: LoadOptions = {}): Promise<Loaded> {
  const { signal } = run
  const sshConfig = openSshConfig(settings.sshConfig, signal, (message) =>
    run.emit({ kind: 'warning', message }),
  )
  const hostNames = async (hosts: readonly InventoryHost[]): Promise<readonly string[]> => {
    const answers = await sshConfig.answers(hosts.map((host) => questionFor(host, settings)))
    return hosts.map(({ address }, index) => answers[index]?.hostName ?? address)
  }
  const loaded = (again: boolean): Promise<Inventory> =>
    loadInventory(settings.inventory, {
      ...{ ...settings, signal, hostNames, again },
      ...options,
    })
  return { inventory: await loaded(false), sshConfig, loadAgain: () => loaded(true) }
}

function begin(selection: SelectedHosts, run: Run): SelectedHosts {
  const { inventory, hosts } = selection
  run.emit({
    kind: 'run-started',
    run: run.id,
    command: run.command,
    hosts: hosts.map(({ name }) => name),
  })
  for (const message of inventory.warnings) run.emit({ kind: 'warning', message })
  return selection
}
