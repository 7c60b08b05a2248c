import { maxGroupDepth, maxMemberships } from '../../limits.ts'
import { shown } from '../../text/shown.ts'
import type { Location, Problems } from './problems.ts'
import { emptyHolder, type RawGroup, type RawInventory } from './raw-inventory.ts'

/** Which hosts each group has, those of its descendants included, and which groups a host is in. */
export interface Hierarchy {
  /** Host names by group, `all` first. A group's own hosts come before those of its children. */
  readonly members: ReadonlyMap<string, readonly string[]>
  /** The groups of a host. Variables of later ones win. */
  groupsOf(host: string): readonly RawGroup[]
}

/** Connects the groups. A group that contains itself ends the reading, as do groups too deep or too many. */
export function hierarchyOf(raw: RawInventory, problems: Problems): Hierarchy {
  const groups = withUngrouped(raw)
  const root = groups.get('all') ?? emptyGroup('all')
  const children = childrenByGroup(groups, root)
  const sorted = parentsFirst(groups, children, problems)
  const depths = depthsOf(sorted, children)
  const deep = sorted.find((name) => (depths.get(name) ?? 0) > maxGroupDepth)
  if (deep !== undefined) return tooDeep(groups.get(deep), problems)

  const members = membersByGroup([root.name, ...groups.keys()], groups, children, problems)
  const groupsByHost = new Map<string, RawGroup[]>()
  for (const group of [...groups.values()].sort((a, b) => comparePrecedence(a, b, depths))) {
    for (const host of members.get(group.name) ?? []) {
      const known = groupsByHost.get(host)
      if (known) known.push(group)
      else groupsByHost.set(host, [group])
    }
  }
  return { members, groupsOf: (host) => groupsByHost.get(host) ?? [] }
}

type Groups = ReadonlyMap<string, RawGroup>
type Children = ReadonlyMap<string, readonly string[]>

function emptyGroup(name: string): RawGroup {
  return {
    name,
    location: { source: name },
    children: new Map(),
    hosts: new Set(),
    ...emptyHolder(),
  }
}

/** The children as stated, and under `all` every group without a parent. */
function childrenByGroup(groups: Map<string, RawGroup>, root: RawGroup): Children {
  groups.set(root.name, root)
  const stated = [...groups.values()]
  const withParent = new Set(stated.flatMap(({ children }) => [...children.keys()]))
  const orphans = stated
    .map(({ name }) => name)
    .filter((name) => name !== root.name && !withParent.has(name))
  return new Map(
    stated.map((group) => {
      const own = [...group.children.keys()]
      if (group !== root) return [group.name, own]
      const below = [...own, ...orphans]
      // As in Ansible, `ungrouped` is the first child of `all`.
      const first = below.filter((name) => name === UNGROUPED)
      return [group.name, [...first, ...below.filter((name) => name !== UNGROUPED)]]
    }),
  )
}

/** The groups in an order in which each comes before its children. */
function parentsFirst(groups: Groups, children: Children, problems: Problems): readonly string[] {
  const done = new Set<string>()
  let loops = 0
  const visit = (name: string, path: readonly string[]): void => {
    if (done.has(name)) return
    if (path.length > maxGroupDepth) tooDeep(groups.get(name), problems)
    for (const child of children.get(name) ?? []) {
      const loop = [...path, name]
      const start = loop.indexOf(child)
      if (start === -1) {
        visit(child, loop)
      } else {
        reportLoop(groups, [...loop.slice(start), child], problems)
        loops += 1
      }
    }
    done.add(name)
  }
  for (const name of groups.keys()) visit(name, [])
  const failure = problems.failure()
  if (loops > 0 && failure) throw failure
  return [...done].reverse()
}

function reportLoop(groups: Groups, loop: readonly string[], problems: Problems): void {
  const [child = '', parent = ''] = [loop.at(-1), loop.at(-2)]
  const location = groups.get(parent)?.children.get(child) ?? groups.get(child)?.location
  const chain = loop.map(shown).join(' > ')
  if (location) problems.add(location, `groups contain each other: ${chain}`)
}

function tooDeep(group: RawGroup | undefined, problems: Problems): never {
  const location: Location = group?.location ?? { source: 'all' }
  return problems.stop(location, `groups are more than ${maxGroupDepth} levels deep`)
}

/** The depth of each group, along its longest way from `all`, as Ansible counts it. */
function depthsOf(sorted: readonly string[], children: Children): ReadonlyMap<string, number> {
  const depths = new Map<string, number>()
  for (const name of sorted) {
    const depth = (depths.get(name) ?? 0) + 1
    for (const child of children.get(name) ?? []) {
      depths.set(child, Math.max(depth, depths.get(child) ?? 0))
    }
  }
  return depths
}

function membersByGroup(
  names: readonly string[],
  groups: Groups,
  children: Children,
  problems: Problems,
): Map<string, readonly string[]> {
  let work = 0
  const members = new Map<string, readonly string[]>()
  for (const name of names) {
    const reached = new Set([name])
    const hosts = new Set<string>()
    // A set is walked in order of insertion, also over what is added on the way: nearer groups first.
    for (const group of reached) {
      const below = children.get(group) ?? []
      const own = groups.get(group)?.hosts ?? new Set()
      for (const child of below) reached.add(child)
      for (const host of own) hosts.add(host)
      work += 1 + below.length + own.size
    }
    if (work > maxMemberships) {
      const location = groups.get(name)?.location ?? { source: name }
      problems.stop(location, 'too many hosts are in too many groups')
    }
    members.set(name, [...hosts])
  }
  return members
}

/** The groups as stated, with the hosts in `ungrouped` that no other group has. */
function withUngrouped(raw: RawInventory): Map<string, RawGroup> {
  const groups = new Map(raw.groups)
  const stated = groups.get(UNGROUPED)
  const others = [...groups.values()].filter(({ name }) => name !== 'all' && name !== UNGROUPED)
  const grouped = new Set(others.flatMap(({ hosts }) => [...hosts]))
  const outside = [...(stated?.hosts ?? []), ...raw.hosts.keys()].filter(
    (name) => !grouped.has(name),
  )
  if (outside.length > 0 || stated) {
    groups.set(UNGROUPED, { ...(stated ?? emptyGroup(UNGROUPED)), hosts: new Set(outside) })
  }
  return groups
}

const UNGROUPED = 'ungrouped'

function comparePrecedence(a: RawGroup, b: RawGroup, depths: ReadonlyMap<string, number>): number {
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
