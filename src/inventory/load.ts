import { homedir } from 'node:os'
import { checkAddresses, withoutAddress } from './hosts/address-check.ts'
import { checkConnection } from './hosts/connection.ts'
import { clusterGroup, groupToProtect, reportStrayGroups } from './hosts/group-to-protect.ts'
import { type LocatedHost, locateHosts } from './hosts/located-hosts.ts'
import { type Addresses, findAddresses, reportMissingAddresses } from './hosts/missing-addresses.ts'
import { checkSetSize } from './hosts/set-size.ts'
import type { Inventory } from './inventory.ts'
import { hierarchyOf } from './reading/hierarchy.ts'
import {
  readExtraVarsFile,
  readInventoryFile,
  warnOfUnreadDirectories,
} from './reading/inventory-file.ts'
import { createProblems, type Problems } from './reading/problems.ts'
import { readRawInventory } from './reading/raw-inventory-reader.ts'
import { type ExtraVars, interfaceFlag, parseExtraVars } from './variables/extra-vars.ts'
import type { Variable } from './variables/variable.ts'
import { checkedValue, reportUnreadable } from './variables/variable-check.ts'
import { isBecomeSecretName, isSecretName } from './variables/variable-schemas.ts'

/** What the command line adds to the file. */
export interface InventoryOptions {
  /** The arguments of `-e`, in the order given. */
  readonly extraVars: readonly string[]
  /** `--interface`, which wins over `-e`. */
  readonly interface?: string | undefined
  /** `-k` and `-K`: a password of that kind that cannot be read is then no fault. */
  readonly askPass?: boolean
  readonly askBecomePass?: boolean
}

/** The same, with the files that `-e @FILE` names read. */
interface ReadOptions extends Omit<InventoryOptions, 'extraVars'> {
  readonly extraVars: readonly ExtraVars[]
}

/** Reads an inventory. All its faults are in one FwRunError, a line for each. */
export async function loadInventory(file: string, options: InventoryOptions): Promise<Inventory> {
  const text = await readInventoryFile(file)
  const extraVars = await Promise.all(options.extraVars.map(withFile))
  const problems = createProblems()
  await warnOfUnreadDirectories(file, problems)
  const draft = draftOf(text, file, { ...options, extraVars }, problems)
  return finish(draft, await findAddresses(draft.missing))
}

/** Parses the text of an inventory. `file` is its name in messages, and relative key files are relative to it. */
export function parseInventory(text: string, file: string, options: ReadOptions): Inventory {
  return finish(draftOf(text, file, options, createProblems()), new Map())
}

/** An inventory, the faults found in it, and the hosts to protect that have no address for the set yet. */
interface Draft {
  readonly inventory: Inventory
  readonly missing: readonly LocatedHost[]
  readonly problems: Problems
}

async function withFile(argument: string): Promise<ExtraVars> {
  if (!argument.startsWith('@')) return argument
  // The shell expands `~` only at the beginning of a word.
  const file = argument.slice(1).replace(/^~(?=\/)/, homedir())
  return { file, text: await readExtraVarsFile(file) }
}

function draftOf(text: string, file: string, options: ReadOptions, problems: Problems): Draft {
  const extra = new Map([
    ...parseExtraVars(options.extraVars, problems),
    ...interfaceFlag(options.interface),
  ])
  const { raw, variables } = readRawInventory(text, file, problems)
  const checked = checkedValues([...variables, ...extra.values()], problems)
  reportStrayGroups(raw, problems)
  const hierarchy = hierarchyOf(raw, problems)
  const group = groupToProtect(raw, hierarchy, extra, problems)
  const definitions = { extra, checked, asked: askedFor(options) }
  const located = locateHosts(raw, hierarchy, definitions, file)

  const chosen = new Set(hierarchy.members.get(group))
  const cluster = new Set(hierarchy.members.get(clusterGroup(hierarchy)))
  const inGroup = located.filter(({ host }) => chosen.has(host.name))
  const others = located.filter(({ host }) => cluster.has(host.name) && !chosen.has(host.name))
  for (const { resolved } of [...inGroup, ...others]) {
    for (const variable of resolved.unreadable) reportUnreadable(variable, problems)
  }
  const addressless = new Set(others.filter(({ host }) => host.settings.addresses.length === 0))
  for (const { host, location } of addressless) {
    problems.warn(location, `host ${host.name} adds no address to the set: set fw_addresses for it`)
  }
  for (const { resolved } of inGroup) checkConnection(resolved, problems)
  const nodes = located.filter(
    (one) => chosen.has(one.host.name) || (cluster.has(one.host.name) && !addressless.has(one)),
  )
  const complete = nodes.filter(({ resolved }) => resolved.complete)
  checkAddresses(complete, problems)
  const inventory = {
    file,
    hosts: located.map(({ host }) => host),
    groups: hierarchy.members,
    nodes: nodes.map(({ host }) => host),
    hostsToProtect: inGroup.map(({ host }) => host),
    group,
    warnings: problems.warnings(),
  }
  checkSetSize(inventory, problems)
  return { inventory, missing: withoutAddress(complete), problems }
}

/** The values of all variables that can be used. */
function checkedValues(
  variables: readonly Variable[],
  problems: Problems,
): ReadonlyMap<Variable, unknown> {
  const values = new Map<Variable, unknown>()
  for (const variable of variables) {
    const value = checkedValue(variable, problems)
    if (value !== undefined) values.set(variable, value)
  }
  return values
}

function askedFor({ askPass, askBecomePass }: ReadOptions) {
  return (name: string): boolean =>
    isBecomeSecretName(name) ? askBecomePass === true : isSecretName(name) && askPass === true
}

/** The inventory, unless there are faults. */
function finish({ inventory, missing, problems }: Draft, found: Addresses): Inventory {
  reportMissingAddresses(missing, found, problems)
  const failure = problems.failure()
  if (failure) throw failure
  return inventory
}
