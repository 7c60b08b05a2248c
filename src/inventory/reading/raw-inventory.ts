import type { Variable } from '../variables/variable.ts'
import type { Place } from './problems.ts'

/** The groups and hosts as an inventory text states them, before anything is inherited. */
export interface RawInventory {
  readonly groups: Map<string, RawGroup>
  /** In the order in which they are first named. */
  readonly hosts: Map<string, RawHost>
}

/** A group with what is said directly of it. */
export interface RawGroup {
  readonly name: string
  readonly place: Place
  /** Each child with the place where it is named one. */
  readonly children: Map<string, Place>
  readonly hosts: Set<string>
  readonly variables: Map<string, Variable>
}

/** A host with what is said directly of it, in whichever groups. */
export interface RawHost {
  readonly name: string
  readonly place: Place
  readonly variables: Map<string, Variable>
}

/** The group of that name, new if it was not there. */
export function groupOf(raw: RawInventory, name: string, place: Place): RawGroup {
  const known = raw.groups.get(name)
  if (known) return known
  const group = { name, place, children: new Map(), hosts: new Set<string>(), variables: new Map() }
  raw.groups.set(name, group)
  return group
}

/** The host of that name, new if it was not there. */
export function hostOf(raw: RawInventory, name: string, place: Place): RawHost {
  const known = raw.hosts.get(name)
  if (known) return known
  const host = { name, place, variables: new Map() }
  raw.hosts.set(name, host)
  return host
}
