import { checkAddresses } from './hosts/address-check.ts'
import { checkConnection, connectionOf } from './hosts/connection.ts'
import { protectedGroup, reportStrayGroups } from './hosts/protected-group.ts'
import type { Inventory } from './inventory.ts'
import { hierarchyOf } from './reading/hierarchy.ts'
import { readInventoryFile, warnOfUnreadDirectories } from './reading/inventory-file.ts'
import { Problems } from './reading/problems.ts'
import { readRawInventory } from './reading/raw-inventory-reader.ts'
import { settingsOf } from './settings.ts'
import { interfaceFlag, parseExtraVars } from './variables/extra-vars.ts'
import { hostValues } from './variables/precedence.ts'
import { checkVariable } from './variables/variable-check.ts'

/** What beside the file makes an inventory: the arguments of `-e`, in the order given, and `--interface` over them. */
export interface InventoryOptions {
  readonly extraVars: readonly string[]
  readonly interface?: string | undefined
}

/** Reads an inventory; everything that is wrong with it is in one FwRunError, a line for each. */
export async function loadInventory(file: string, options: InventoryOptions): Promise<Inventory> {
  const text = await readInventoryFile(file)
  const problems = new Problems()
  await warnOfUnreadDirectories(file, problems)
  return parse(text, file, options, problems)
}

/** Parses the text of an inventory; `file` is what errors call it, and what relative key files are relative to. */
export function parseInventory(text: string, file: string, options: InventoryOptions): Inventory {
  return parse(text, file, options, new Problems())
}

function parse(
  text: string,
  file: string,
  options: InventoryOptions,
  problems: Problems,
): Inventory {
  const extra = new Map([
    ...parseExtraVars(options.extraVars, problems),
    ...interfaceFlag(options.interface),
  ])
  const { raw, variables } = readRawInventory(text, file, problems)
  const defined = [...variables, ...extra.values()]
  const invalid = new Set(defined.filter((variable) => !checkVariable(variable, problems)))
  reportStrayGroups(raw, problems)
  const hierarchy = hierarchyOf(raw, problems)
  if (!hierarchy) throw problems.failure
  const group = protectedGroup(raw, hierarchy, extra, problems)

  const located = [...raw.hosts.values()].map((stated) => {
    const resolved = hostValues(stated, hierarchy, extra, invalid)
    const groups = hierarchy.groupsOf(stated.name).map(({ name }) => name)
    const host = {
      name: stated.name,
      ...connectionOf(stated.name, resolved, file),
      groups: groups.filter((name) => name !== 'all').sort(),
      settings: settingsOf(stated.name, resolved),
    }
    return { host, place: stated.place, resolved }
  })
  const cluster = hierarchy.members.get('k8s_cluster') ?? hierarchy.members.get('all')
  const members = new Set(hierarchy.members.get(group))
  const names = new Set([...members, ...(cluster ?? [])])
  const guarded = located.filter(({ host }) => members.has(host.name))
  const nodes = located.filter(
    ({ host }) =>
      members.has(host.name) || (names.has(host.name) && host.settings.addresses.length > 0),
  )
  for (const { host, place } of located) {
    if (!names.has(host.name) || members.has(host.name) || nodes.some((one) => one.host === host)) {
      continue
    }
    problems.warn(place, `host ${host.name} adds no address to the set: set fw_addresses for it`)
  }
  for (const { resolved } of guarded) checkConnection(resolved, problems)
  checkAddresses(
    nodes.filter(({ resolved }) => resolved.complete),
    problems,
  )
  if (problems.failure) throw problems.failure
  return {
    file,
    hosts: located.map(({ host }) => host),
    groups: hierarchy.members,
    nodes: nodes.map(({ host }) => host),
    protectedHosts: guarded.map(({ host }) => host),
    group,
    warnings: problems.warnings,
  }
}
