import type { Variable } from '../variables/variable.ts'
import type { Place } from './problems.ts'

/** The groups and hosts as an inventory text states them, before anything is inherited. */
export interface Outline {
  readonly groups: Map<string, OutlineGroup>
  /** In the order in which they are first named. */
  readonly hosts: Map<string, OutlineHost>
}

/** A group with what is said directly of it. */
export interface OutlineGroup {
  readonly name: string
  readonly place: Place
  /** Each child with the place where it is named one. */
  readonly children: Map<string, Place>
  readonly hosts: Set<string>
  readonly variables: Map<string, Variable>
}

/** A host with what is said directly of it, in whichever groups. */
export interface OutlineHost {
  readonly name: string
  readonly place: Place
  readonly variables: Map<string, Variable>
}

/** The group of that name, new if it was not there. */
export function groupOf(outline: Outline, name: string, place: Place): OutlineGroup {
  const known = outline.groups.get(name)
  if (known) return known
  const group = { name, place, children: new Map(), hosts: new Set<string>(), variables: new Map() }
  outline.groups.set(name, group)
  return group
}

/** The host of that name, new if it was not there. */
export function hostOf(outline: Outline, name: string, place: Place): OutlineHost {
  const known = outline.hosts.get(name)
  if (known) return known
  const host = { name, place, variables: new Map() }
  outline.hosts.set(name, host)
  return host
}
