import { dirname, join, resolve } from 'node:path'
import { givenHome } from '../jump-host/own-home.ts'
import { maxHostsLoadedAgain, maxTextLoadedAgain } from '../limits.ts'
import { memberAddress } from './addresses.ts'
import { sumOf } from './files-read.ts'
import { checkAddresses, withoutAddress } from './hosts/address-conflicts.ts'
import { checkConnection } from './hosts/connection.ts'
import { warnOfDisagreement } from './hosts/disagreement.ts'
import {
  clusterGroup,
  groupToProtect,
  reportStrayGroups,
  withoutOthers,
} from './hosts/group-to-protect.ts'
import { checkInterfaces } from './hosts/interface-check.ts'
import { type LocatedHost, locateHosts } from './hosts/located-hosts.ts'
import {
  type Addresses,
  type Addressless,
  findAddresses,
  reportMissingAddresses,
} from './hosts/missing-addresses.ts'
import { checkNetworks } from './hosts/network-check.ts'
import { checkSetSize } from './hosts/set-size.ts'
import type { Inventory, InventoryHost } from './inventory.ts'
import { ownAddresses } from './members.ts'
import { hierarchyOf } from './reading/hierarchy.ts'
import { readExtraVarsFile, STDIN } from './reading/inventory-file.ts'
import { createProblems, type Problems } from './reading/problems.ts'
import { type RawInventory, takeRoom } from './reading/raw-inventory.ts'
import { readSources } from './reading/read-sources.ts'
import { nameOf, originOf } from './source-names.ts'
import { openSources } from './sources/open-sources.ts'
import type { OpenedSources, Source } from './sources/source.ts'
import { createResolver } from './templates/resolver.ts'
import { scopeOf } from './templates/scope.ts'
import { type ExtraVars, interfaceFlag, parseExtraVars } from './variables/extra-vars.ts'
import type { Variable } from './variables/variable.ts'
import {
  checkedValue,
  checkName,
  reportUnreadable,
  usableValue,
} from './variables/variable-check.ts'
import { isBecomeSecretName, isSecretName } from './variables/variable-schemas.ts'
import { readVarsLayer } from './vars-files/read-vars-layer.ts'
import { warnOfUnreadVars } from './vars-files/unread-vars.ts'

/** What the command line adds to the file. */
export interface InventoryOptions {
  /** The arguments of `-e`, in the order given. */
  readonly extraVars: readonly string[]
  /** `--interface`, which wins over `-e`. */
  readonly interface?: string | undefined
  /** `-k` and `-K`: a password of that kind that cannot be read is then no fault. */
  readonly askPass?: boolean
  readonly askBecomePass?: boolean
  /** Ctrl-C: it stops an inventory script. */
  readonly signal?: AbortSignal
  /** Texts to read in place of what these files hold now. */
  readonly texts?: ReadonlyMap<string, string>
  /** Set when the inventory is loaded a second time, perhaps while hosts are held. Scripts are not run and stdin is not read again: an inventory that has them, or that is large, is a fault. Variables that are not read cause no warning. */
  readonly again?: boolean
  /** Whether a host without an address for the set gets the one that its name resolves to, if it is only one. */
  readonly resolvesNames?: boolean
  /** What to do about a host without an address whose name does not resolve; unset: set a variable in the inventory. */
  readonly remedyWithoutAddress?: string
  /** What is dialled for each of these hosts, by the SSH configuration. */
  readonly hostNames?: (hosts: readonly InventoryHost[]) => Promise<readonly string[]>
}

/** The same, with the files that `-e @FILE` names read. */
interface ReadOptions extends Omit<InventoryOptions, 'extraVars'> {
  readonly extraVars: readonly ExtraVars[]
}

/** Reads an inventory, given as the arguments of all `-i`. All its faults are in one FwRunError, a line for each. */
export async function loadInventory(
  given: readonly string[],
  options: InventoryOptions,
): Promise<Inventory> {
  const opening = createProblems()
  const opened = await openSources(given, opening, options)
  const extraVars = await Promise.all(options.extraVars.map(withFile))
  const origin = { given, ...opened }
  const room = options.again ? maxTextLoadedAgain : undefined
  const raw = readSources(opened.sources, opening, room)
  if (options.again && raw.hosts.size > maxHostsLoadedAgain)
    opening.stop({ source: nameOf(given) }, 'has too many hosts to be read while hosts are held')
  for (const directory of opened.varsDirectories) {
    raw.layers.push(readVarsLayer(directory, raw, opening))
  }
  if (!options.again) warnOfUnreadVars(opened.varsDirectories, raw, opening)
  for (const { path, text } of opened.sources)
    if (path !== undefined) raw.files.set(path, sumOf(text))
  for (const one of extraVars) {
    if (typeof one === 'string') continue
    takeRoom(raw, one.text.length, { source: one.file }, opening)
    raw.files.set(one.file, sumOf(one.text))
  }
  // What a script puts beside itself is no new inventory, and nobody can load that one again.
  if (opened.sources.every(({ kind, name }) => kind !== 'output' && name !== STDIN))
    for (const [path, sum] of [...opened.listings, ...raw.listings]) raw.files.set(path, sum)
  const drafted = (hostNames?: ReadonlyMap<string, string>): Draft =>
    draftOf(raw, origin, { ...options, extraVars }, opening.copy(), hostNames)
  const first = drafted()
  const hostNames = await hostNamesOf(first.addressless, options)
  const draft = hostNames.size > 0 ? drafted(hostNames) : first
  const found = await findAddresses(draft.missing)
  if (!options.resolvesNames || found.size === 0) return finish(draft, found, options)
  return finish(
    drafted(new Map([...hostNames, ...oneAddressEach(draft.missing, found)])),
    found,
    options,
  )
}

/** Parses the text of an inventory. `file` is its name in messages, and relative key files are relative to it. */
export function parseInventory(text: string, file: string, options: ReadOptions): Inventory {
  const problems = createProblems()
  const source = { name: file, kind: 'file', text, directory: dirname(file) } as const
  const raw = readSources([source], problems)
  const origin = { given: [file], sources: [source], varsDirectories: [], listings: new Map() }
  return finish(draftOf(raw, origin, options, problems), new Map(), options)
}

/** Where an inventory was read from. */
interface Origin extends OpenedSources {
  readonly given: readonly string[]
}

/** The addresses that the SSH configuration dials for hosts that have none for the set. */
async function hostNamesOf(
  hosts: readonly InventoryHost[],
  { hostNames }: InventoryOptions,
): Promise<ReadonlyMap<string, string>> {
  if (hosts.length === 0 || !hostNames) return new Map()
  const dialled = await hostNames(hosts)
  return new Map(
    hosts.flatMap(({ name }, index) => {
      const address = dialled[index]
      return address !== undefined && memberAddress(address) ? [[name, address]] : []
    }),
  )
}

/** The address of each host whose name resolves to one only. */
function oneAddressEach(
  hosts: readonly LocatedHost[],
  found: Addresses,
): readonly (readonly [name: string, address: string])[] {
  return hosts.flatMap(({ host }) => {
    const [address, another] = found.get(host.address) ?? []
    return address === undefined || another !== undefined ? [] : [[host.name, address] as const]
  })
}

/** An inventory, the faults found in it, and the hosts of the cluster that have no address for the set yet. */
interface Draft {
  readonly inventory: Inventory
  readonly missing: readonly Addressless[]
  /** These, and those outside the group to protect whose addresses are of a family of which no guard has a use. */
  readonly addressless: readonly InventoryHost[]
  readonly problems: Problems
}

async function withFile(argument: string): Promise<ExtraVars> {
  if (!argument.startsWith('@')) return argument
  // The shell expands `~` only at the beginning of a word.
  const file = argument.slice(1).replace(/^~(?=\/)/, givenHome())
  return { file, text: await readExtraVarsFile(file) }
}

function draftOf(
  raw: RawInventory,
  origin: Origin,
  options: ReadOptions,
  problems: Problems,
  hostNames: ReadonlyMap<string, string> = new Map(),
): Draft {
  const extra = new Map([
    ...parseExtraVars(options.extraVars, problems),
    ...interfaceFlag(options.interface),
  ])
  const checked = checkedValues([...raw.variables, ...extra.values()], problems)
  reportStrayGroups(raw, problems)
  warnOfDisagreement(raw, problems)
  const hierarchy = hierarchyOf(raw, problems)
  const group = groupToProtect(raw, hierarchy, extra, problems)
  const scope = scopeOf(raw, hierarchy, extra, (source) => fileDirectoryOf(source, origin))
  const definitions = {
    extra,
    asked: askedFor(options),
    resolved: createResolver(scope, checked, problems),
    directoryOf: (source: string) => directoryOf(source, origin),
  }
  const located = locateHosts(raw, hierarchy, definitions, hostNames)

  const chosen = new Set(hierarchy.members.get(group))
  const cluster = new Set(hierarchy.members.get(clusterGroup(hierarchy)))
  const inGroup = located.filter(({ host }) => chosen.has(host.name))
  const others = located.filter(({ host }) => cluster.has(host.name) && !chosen.has(host.name))
  for (const { resolved } of [...inGroup, ...others]) {
    for (const variable of resolved.unreadable) reportUnreadable(variable, problems)
    for (const variable of resolved.invalid) checkedValue(variable, problems)
  }
  const useless = new Set(
    others.filter(({ host }) => host.settings.addresses.length > 0 && !isOfUse(host, inGroup)),
  )
  for (const { host, location } of useless) {
    problems.warn(
      location,
      `host ${host.name} has no IPv4 address for the set. Set fw_addresses for it`,
    )
  }
  for (const { resolved } of inGroup) checkConnection(resolved, definitions.directoryOf, problems)
  warnOfLocalhost(inGroup, clusterGroup(hierarchy), problems)
  checkNetworks(inGroup, problems)
  checkInterfaces(inGroup, problems)
  const nodes = located.filter(
    (one) => chosen.has(one.host.name) || (cluster.has(one.host.name) && !useless.has(one)),
  )
  const complete = nodes.filter(({ resolved }) => resolved.complete)
  checkAddresses(complete, problems)
  const inventory = {
    file: nameOf(origin.given),
    origin: originOf(origin.given),
    files: raw.files,
    hosts: located.map(({ host }) => host),
    groups: hierarchy.members,
    nodes: nodes.map(({ host }) => host),
    hostsToProtect: inGroup.map(({ host }) => host),
    group,
    warnings: problems.warnings(),
  }
  checkSetSize(inventory, problems)
  const isOutside = ({ host }: LocatedHost): boolean => !chosen.has(host.name)
  const noNode = `If it is no node of the cluster, ${withoutOthers(clusterGroup(hierarchy))}`
  const hint = `: protected hosts would stop its packets. ${noNode}`
  // Where no group says which hosts are nodes, one that needs no address may be none.
  const isOneOfMany = clusterGroup(hierarchy) === 'all' && inGroup.length > 1
  const missing = withoutAddress(
    complete.filter((one) => !isOutside(one) || one.host.settings.addresses.length === 0),
  ).map((one) => (isOutside(one) ? { ...one, hint } : { ...one, ...(isOneOfMany && { noNode }) }))
  return {
    ...{ inventory, missing, problems },
    addressless: [...missing, ...useless].map(({ host }) => host),
  }
}

/** Warns of the machine on which fw-run runs among hosts that SSH connects, where no group says that it is a node: people have it in inventories for other ends. */
function warnOfLocalhost(hosts: readonly LocatedHost[], group: string, problems: Problems): void {
  if (group !== 'all' || hosts.every(({ host }) => host.isLocal)) return
  for (const { host, location } of hosts) {
    if (!host.isLocal || host.name !== 'localhost') continue
    problems.warn(
      location,
      `fw-run protects host localhost, the machine that fw-run runs on, and adds its addresses to the set. If it is no node of the cluster, ${withoutOthers(group)}`,
    )
  }
}

/** What paths that stand in a source are relative to. */
function directoryOf(name: string, origin: Origin): string {
  const isIn = (directory: string): boolean => name.startsWith(join(directory, '/'))
  return sourceOf(name, origin)?.directory ?? origin.varsDirectories.find(isIn) ?? '.'
}

/** The absolute directory of a source; undefined if it is a list of hosts or the standard input. */
function fileDirectoryOf(name: string, origin: Origin): string | undefined {
  const source = sourceOf(name, origin)
  return source && source.kind !== 'list' && source.name !== STDIN
    ? resolve(source.directory)
    : undefined
}

function sourceOf(name: string, { sources }: Origin): Source | undefined {
  // Where a source has no lines, a location is `SOURCE: node NAME`.
  return sources.find((one) => one.name === name || name.startsWith(`${one.name}: `))
}

/** Whether a host has an address of which the guard of one of these has a use. */
function isOfUse({ settings }: InventoryHost, hosts: readonly LocatedHost[]): boolean {
  return (
    ownAddresses(settings).length > 0 ||
    (settings.addresses.length > 0 && hosts.some(({ host }) => host.settings.guard !== 'forward'))
  )
}

/** The values of all variables that can be used. */
function checkedValues(
  variables: readonly Variable[],
  problems: Problems,
): ReadonlyMap<Variable, unknown> {
  const values = new Map<Variable, unknown>()
  for (const variable of variables) {
    checkName(variable, problems)
    const value = usableValue(variable, problems)
    if (value !== undefined) values.set(variable, value)
  }
  return values
}

function askedFor({ askPass, askBecomePass }: ReadOptions) {
  return (name: string): boolean =>
    isBecomeSecretName(name) ? askBecomePass === true : isSecretName(name) && askPass === true
}

/** The inventory, unless there are faults. */
function finish(
  { inventory, missing, problems }: Draft,
  found: Addresses,
  { remedyWithoutAddress }: Pick<InventoryOptions, 'remedyWithoutAddress'>,
): Inventory {
  reportMissingAddresses(missing, found, problems, remedyWithoutAddress)
  const failure = problems.failure()
  if (failure) throw failure
  return inventory
}
