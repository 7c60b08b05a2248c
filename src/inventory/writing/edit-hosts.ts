import { FwRunError } from '../../errors.ts'
import { typed } from '../../text/shell-quotes.ts'
import { shown } from '../../text/shown.ts'
import { didYouMeanSentence } from '../../text/suggestion.ts'
import { hasAddress } from '../has-address.ts'
import type { Inventory } from '../inventory.ts'
import { changedList, describeSource, stepByHand } from './files/by-hand.ts'
import { type EditedSource, sourceToEdit } from './files/editable.ts'
import { addToIni, removeFromIni } from './splices/ini-hosts.ts'
import { addToYaml, removeFromYaml } from './splices/yaml-hosts.ts'

/** One host more in an inventory, or one less. */
export type HostChange =
  | {
      readonly kind: 'add'
      readonly name: string
      /** Where to connect; undefined: its name says it. */
      readonly address?: string | undefined
      /** The group to which it is added; undefined: where the last host is. */
      readonly group?: string | undefined
    }
  | {
      readonly kind: 'remove'
      readonly name: string
      /** Whether it may stay a node of the cluster. */
      readonly leaveOutside: boolean
    }

/** The text of an inventory file before and after a change of a host. */
export interface HostEdit {
  readonly file: string
  readonly before: string
  readonly after: string
}

/** An inventory that is ours to edit: its one file and the text of that. */
export interface EditableInventory {
  readonly file: string
  readonly text: string
  readonly kind: 'yaml' | 'ini'
}

/** The one file of the inventory that these arguments of `-i` name. An FwRunError says what to do by hand if it is not ours to edit. */
export async function editableInventory(
  given: readonly string[],
  change: HostChange,
): Promise<EditableInventory> {
  const source = await sourceToEdit(given)
  if (source.kind === 'yaml' || source.kind === 'ini') {
    const { file, text, kind } = source
    return { file, text, kind }
  }
  throw byHand(source, given, change)
}

/**
 * The edit that makes a change, every other byte kept. An FwRunError if the inventory has the new host or its address already,
 * or lacks the host to remove. Also if the shape of the text does not allow the change.
 */
export function editHosts(
  { file, text, kind }: EditableInventory,
  inventory: Inventory,
  change: HostChange,
): HostEdit {
  refuseConflict(inventory, change)
  const after = kind === 'yaml' ? inYaml(text, inventory, change) : inIni(text, inventory, change)
  if (after !== undefined) return { file, before: text, after }
  throw byHand({ kind: 'other', directory: '' }, [file], change)
}

/** Throws an FwRunError unless the edited inventory has this change, and no other host in it is another one than before. */
export function verifyEdit(before: Inventory, after: Inventory, change: HostChange): void {
  const { name } = change
  const others = ({ hosts }: Inventory): string =>
    JSON.stringify(
      hosts.filter((host) => host.name !== name),
      withoutLocation,
    )
  const same = others(before) === others(after)
  const present = after.hosts.some((host) => host.name === name)
  if (!same || present !== (change.kind === 'add')) {
    throw byHand({ kind: 'other', directory: '' }, [before.file], change)
  }
  if (change.kind === 'add' && !after.hostsToProtect.some((host) => host.name === name)) {
    throw new FwRunError(
      'usage',
      `The new host ${name} would not be in group ${shown(after.group)}, so fw-run would not protect it. Nothing was changed.`,
      { remedy: `Name a group whose hosts are in ${shown(after.group)}: --group GROUP` },
    )
  }
}

/** Leaves out where a setting stands: the edit moves the lines below it. */
function withoutLocation(key: string, value: unknown): unknown {
  return key === 'location' ? undefined : value
}

function refuseConflict(inventory: Inventory, change: HostChange): void {
  const { name } = change
  const known = inventory.hosts.find((host) => host.name === name)
  if (change.kind === 'remove') {
    if (known) {
      if (inventory.hostsToProtect.some((host) => host !== known)) return
      throw new FwRunError(
        'usage',
        `${shown(name)} is the last host to protect in ${inventory.file}. Nothing was changed.`,
        {
          remedy: `To remove its guard: \`fw-run remove -i ${typed(inventory.file)}\`. Then delete the file.`,
        },
      )
    }
    const names = inventory.hosts.map((host) => host.name)
    throw new FwRunError('usage', `${inventory.file} has no host ${shown(name)}.`, {
      remedy: didYouMeanSentence(name, names) ?? '`fw-run inventory` lists the hosts.',
    })
  }
  if (known) {
    throw new FwRunError(
      'usage',
      `${inventory.file} has a host ${shown(name)} already, at ${known.address}.`,
      { remedy: `To protect it: \`fw-run apply -i ${typed(inventory.file)}\`.` },
    )
  }
  const owner = inventory.hosts.find((host) => hasAddress(host, change.address ?? name))
  if (owner) {
    throw new FwRunError(
      'usage',
      `${owner.name} has the address ${change.address ?? name} already, in ${inventory.file}.`,
      { remedy: 'Give the new host its own address, or remove the old one first.' },
    )
  }
  const { group } = change
  if (group !== undefined && !inventory.groups.has(group)) {
    throw new FwRunError('usage', `${inventory.file} has no group ${shown(group)}.`, {
      remedy:
        didYouMeanSentence(group, inventory.groups.keys()) ??
        '`fw-run inventory` lists the groups.',
    })
  }
}

function inYaml(text: string, inventory: Inventory, change: HostChange): string | undefined {
  return change.kind === 'remove'
    ? removeFromYaml(text, change.name)
    : addToYaml(text, { ...change, groups: groupsFor(inventory, change.group) })
}

function inIni(text: string, inventory: Inventory, change: HostChange): string | undefined {
  return change.kind === 'remove'
    ? removeFromIni(text, change.name)
    : addToIni(text, { ...change, groups: groupsFor(inventory, change.group) })
}

/** The groups where a new host may go, the best first: all its hosts are protected, and a group of workers comes before others. */
function groupsFor(
  { group, groups, hostsToProtect }: Inventory,
  wanted: string | undefined,
): readonly string[] {
  if (wanted !== undefined) return [wanted]
  const cluster = new Set(groups.get(group))
  const inside = [...groups].filter(
    ([name, hosts]) => name !== 'all' && hosts.length > 0 && hosts.every((one) => cluster.has(one)),
  )
  const last = hostsToProtect.at(-1)?.name ?? ''
  const rank = ([name, hosts]: readonly [string, readonly string[]]): number =>
    Number(!WORKERS.test(name)) * 2 + Number(!hosts.includes(last))
  const names = inside.sort((a, b) => rank(a) - rank(b)).map(([name]) => name)
  return group === 'all' ? ['all', ...names] : names
}

const WORKERS = /^(kube[-_]nodes?|(.*[-_])?(workers?|agents?)([-_].*)?)$/i

function byHand(
  source: EditedSource | { readonly kind: 'other'; readonly directory: string },
  given: readonly string[],
  change: HostChange,
): FwRunError {
  const { name } = change
  const flags = given.map((argument) => `-i ${typed(argument)}`).join(' ')
  const list = source.kind === 'list' ? changedList(given[0] ?? '', change) : undefined
  const apply = `Then: \`fw-run apply ${list === undefined ? flags : `-i ${typed(list)}`}\``
  const step = stepByHand(source, given, change)
  const steps =
    change.kind === 'add'
      ? [step, apply]
      : [
          ...stepsBefore(change, flags),
          step,
          list === undefined ? `Then: \`fw-run apply\` with the changed inventory.` : apply,
        ]
  const what =
    source.kind === 'other' && change.kind === 'remove'
      ? `fw-run cannot delete ${name} from ${given[0]} without other changes to that file.`
      : source.kind === 'other'
        ? `fw-run cannot write ${name} into ${given[0]} without other changes to that file.`
        : `fw-run does not edit ${describeSource(source, given)}.`
  return new FwRunError('inventory', `${what} Nothing was changed.`, { remedy: steps.join('\n') })
}

/** What to do before a host leaves the inventory. As long as it is a node, outsiders reach pods by way of it if it has no guard. */
function stepsBefore(
  { name, leaveOutside }: HostChange & { readonly kind: 'remove' },
  flags: string,
): readonly string[] {
  const guard = `remove its guard: \`fw-run remove --limit ${typed(name)} ${flags}\``
  if (leaveOutside) return [`First ${guard}`]
  return [
    `First take ${name} out of the cluster: \`kubectl drain ${typed(name)} --ignore-daemonsets\` and \`kubectl delete node ${typed(name)}\`. A node without a guard leads outsiders to pods.`,
    `Then ${guard}`,
  ]
}
