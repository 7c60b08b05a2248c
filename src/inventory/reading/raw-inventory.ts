import type { Variable } from '../variables/variable.ts'
import type { Location } from './problems.ts'

/** The groups and hosts as an inventory text states them, before anything is inherited. */
export interface RawInventory {
  readonly groups: Map<string, RawGroup>
  /** In the order in which they are first named. */
  readonly hosts: Map<string, RawHost>
}

/** A group with what is stated of itself. */
export interface RawGroup {
  readonly name: string
  readonly location: Location
  /** Each child with where it is named. */
  readonly children: Map<string, Location>
  readonly hosts: Set<string>
  readonly variables: Map<string, Variable>
}

/** A host with what is stated of itself, in all groups together. */
export interface RawHost {
  readonly name: string
  readonly location: Location
  readonly variables: Map<string, Variable>
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
    variables: new Map(),
  }
  raw.groups.set(name, group)
  return group
}

/** The host of that name, new if it is not there yet. */
export function hostOf(raw: RawInventory, name: string, location: Location): RawHost {
  const known = raw.hosts.get(name)
  if (known) return known
  const host = { name, location, variables: new Map() }
  raw.hosts.set(name, host)
  return host
}
