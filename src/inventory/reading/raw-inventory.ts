import { maxHostNames, maxSetMembers } from '../../limits.ts'
import type { FilesRead } from '../files-read.ts'
import type { Variable } from '../variables/variable.ts'
import { isOfConcern } from '../variables/variable-check.ts'
import type { Location, Problems } from './problems.ts'

/** The groups and hosts as the sources of an inventory state them, before anything is inherited. */
export interface RawInventory {
  readonly groups: Map<string, RawGroup>
  /** In the order in which they are first named. */
  readonly hosts: Map<string, RawHost>
  /** What `group_vars` and `host_vars` state, a layer for each directory that has them. Later ones win. */
  readonly layers: VarsLayer[]
  /** Every definition of a variable that concerns fw-run, also those that a later one replaces. */
  readonly variables: Variable[]
  /** The files of variables that were read. */
  readonly files: FilesRead
  /** The directories in which such files were looked for. */
  readonly listings: FilesRead
  /** Files of variables that are encrypted as a whole. */
  readonly vaults: string[]
  /** Variables of a host, or a group, of which a later source states another definition. */
  readonly replaced: Replaced[]
  /** How many names of hosts were read, those named again included. */
  named: number
  /** How much more text may be parsed, in characters of YAML. */
  room: number
}

/** A definition of a variable in one source that another source replaces. */
export interface Replaced {
  readonly before: Variable
  readonly after: Variable
  /** The name of its host or group. */
  readonly host: string
}

/** What is stated of a group or a host in one place. */
export interface Holder {
  /** The variables that concern fw-run. */
  readonly variables: Map<string, Variable>
  /** All others: templates may name them. */
  readonly foreign: Map<string, Variable>
}

/** A group with what is stated of itself. */
export interface RawGroup extends Holder {
  readonly name: string
  readonly location: Location
  /** Each child with where it is named. */
  readonly children: Map<string, Location>
  readonly hosts: Set<string>
  /** The groups of which fw-run made this one, because the inventory does not state it. */
  readonly madeOf?: readonly string[]
}

/** A host with what is stated of itself, in all groups together. */
export interface RawHost extends Holder {
  readonly name: string
  readonly location: Location
}

/** What `group_vars` and `host_vars` of one directory state, by the names of groups and hosts. */
export interface VarsLayer {
  readonly groups: ReadonlyMap<string, Holder>
  readonly hosts: ReadonlyMap<string, Holder>
}

/** An inventory of which nothing was read yet. */
export function emptyRawInventory(room = Number.POSITIVE_INFINITY): RawInventory {
  return {
    groups: new Map(),
    hosts: new Map(),
    layers: [],
    variables: [],
    vaults: [],
    files: new Map(),
    listings: new Map(),
    replaced: [],
    named: 0,
    room,
  }
}

/** A holder of no variables. */
export function emptyHolder(): Holder {
  return { variables: new Map(), foreign: new Map() }
}

/** The group of that name, new if it is not there yet. */
export function groupOf(raw: RawInventory, name: string, location: Location): RawGroup {
  const known = raw.groups.get(name)
  if (known) return known
  const group = {
    name,
    location,
    children: new Map(),
    hosts: new Set<string>(),
    ...emptyHolder(),
  }
  raw.groups.set(name, group)
  return group
}

/** The host of that name, new if it is not there yet. */
export function hostOf(raw: RawInventory, name: string, location: Location): RawHost {
  const known = raw.hosts.get(name)
  if (known) return known
  const host = { name, location, ...emptyHolder() }
  raw.hosts.set(name, host)
  return host
}

/** States a variable of each of these holders. */
export function define(raw: RawInventory, holders: readonly Holder[], variable: Variable): void {
  const isOurs = isOfConcern(variable.name)
  // A large inventory repeats thousands of variables that fw-run does not use: they are read when a template names them.
  if (isOurs) raw.variables.push(variable)
  for (const holder of holders) {
    const { variables, foreign } = holder
    const before = variables.get(variable.name)
    if (before && 'name' in holder && before.location.source !== variable.location.source)
      raw.replaced.push({ before, after: variable, host: String(holder.name) })
    ;(isOurs ? variables : foreign).set(variable.name, variable)
  }
}

/** Takes the room that a text needs, before it is parsed. Ends the reading where there is not so much left. */
export function takeRoom(raw: RawInventory, length: number, at: Location, problems: Problems) {
  raw.room -= length
  if (raw.room < 0) problems.stop(at, 'is too long to be read while hosts are held')
}

/** Ends the reading at more names of hosts than a cluster has, or more hosts than a set can hold. */
export function limitHosts(raw: RawInventory, named: number, at: Location, problems: Problems) {
  raw.named += named
  if (raw.named > maxHostNames)
    problems.stop(at, `ranges name more than ${maxHostNames.toLocaleString('en')} hosts`)
  if (raw.hosts.size > maxSetMembers) {
    problems.stop(
      at,
      `more than ${maxSetMembers.toLocaleString('en')} hosts: a set cannot hold their addresses`,
    )
  }
}
