import { shown } from '../../text/shown.ts'
import type { Problems } from './problems.ts'
import type { RawGroup, RawInventory } from './raw-inventory.ts'

/** Which hosts each group has, its descendants' included, and which groups bear on a host. */
export interface Hierarchy {
  /** Member names by group, `all` first; nearer groups' hosts come before those of their children. */
  readonly members: ReadonlyMap<string, readonly string[]>
  /** The groups of a host from the one whose variables yield to those whose variables win. */
  groupsOf(host: string): readonly RawGroup[]
}

/** Connects the groups; undefined, and a recorded problem, if one contains itself. */
export function hierarchyOf(raw: RawInventory, problems: Problems): Hierarchy | undefined {
  const groups = new Map(raw.groups)
  const root = groups.get('all') ?? emptyGroup('all')
  const children = childrenByGroup(groups, root)
  if (reportCycles(groups, children, problems)) return undefined

  const depths = new Map<string, number>()
  deepen(root.name, 0, children, depths)
  const members = new Map<string, readonly string[]>([[root.name, []]])
  for (const name of groups.keys()) members.set(name, membersOf(name, groups, children))
  members.set(root.name, membersOf(root.name, groups, children))
  const ungrouped = hostsOutside(raw, root.name)
  if (ungrouped.length > 0) members.set('ungrouped', ungrouped)

  const ordered = [...groups.values()].sort((a, b) => comparePrecedence(a, b, depths))
  const groupsByHost = new Map<string, RawGroup[]>()
  for (const group of ordered) {
    for (const host of members.get(group.name) ?? []) {
      groupsByHost.set(host, [...(groupsByHost.get(host) ?? []), group])
    }
  }
  return { members, groupsOf: (host) => groupsByHost.get(host) ?? [] }
}

type Children = ReadonlyMap<string, readonly string[]>

function emptyGroup(name: string): RawGroup {
  const place = { source: name }
  return { name, place, children: new Map(), hosts: new Set(), variables: new Map() }
}

/** As stated, and every group without a parent under `all`. */
function childrenByGroup(groups: Map<string, RawGroup>, root: RawGroup): Children {
  groups.set(root.name, root)
  const stated = [...groups.values()]
  const withParent = new Set(stated.flatMap(({ children }) => [...children.keys()]))
  const orphans = stated.map(({ name }) => name).filter((name) => !withParent.has(name))
  return new Map(
    stated.map((group) => {
      const own = [...group.children.keys()]
      return [group.name, group === root ? [...own, ...orphans.filter(notRoot)] : own]
    }),
  )
}

function notRoot(name: string): boolean {
  return name !== 'all'
}

function reportCycles(
  groups: ReadonlyMap<string, RawGroup>,
  children: Children,
  problems: Problems,
): boolean {
  const done = new Set<string>()
  let found = false
  const walk = (name: string, path: readonly string[]) => {
    if (done.has(name)) return
    for (const child of children.get(name) ?? []) {
      const loop = [...path, name]
      const start = loop.indexOf(child)
      if (start === -1) {
        walk(child, loop)
        continue
      }
      const place = groups.get(name)?.children.get(child) ?? groups.get(child)?.place
      const chain = [...loop.slice(start), child].map(shown).join(' > ')
      if (place) problems.add(place, `groups contain each other: ${chain}`)
      found = true
    }
    done.add(name)
  }
  for (const name of groups.keys()) walk(name, [])
  return found
}

// Ansible counts a group's depth along its longest way from `all`.
function deepen(name: string, depth: number, children: Children, depths: Map<string, number>) {
  if ((depths.get(name) ?? -1) >= depth) return
  depths.set(name, depth)
  for (const child of children.get(name) ?? []) deepen(child, depth + 1, children, depths)
}

function membersOf(
  name: string,
  groups: ReadonlyMap<string, RawGroup>,
  children: Children,
): readonly string[] {
  const reached = new Set([name])
  // A set is walked in order of insertion, also over what is added on the way: breadth first.
  for (const group of reached) {
    for (const child of children.get(group) ?? []) reached.add(child)
  }
  return [...new Set([...reached].flatMap((group) => [...(groups.get(group)?.hosts ?? [])]))]
}

function hostsOutside(raw: RawInventory, root: string): readonly string[] {
  const others = [...raw.groups.values()].filter(({ name }) => name !== root)
  const grouped = new Set(others.flatMap(({ hosts }) => [...hosts]))
  return [...raw.hosts.keys()].filter((name) => !grouped.has(name))
}

function comparePrecedence(a: RawGroup, b: RawGroup, depths: ReadonlyMap<string, number>) {
  const depth = (depths.get(a.name) ?? 0) - (depths.get(b.name) ?? 0)
  if (depth !== 0) return depth
  const priority = priorityOf(a) - priorityOf(b)
  if (priority !== 0) return priority
  return a.name < b.name ? -1 : 1
}

function priorityOf(group: RawGroup): number {
  const value = Number(group.variables.get('ansible_group_priority')?.value ?? 1)
  return Number.isNaN(value) ? 1 : value
}
