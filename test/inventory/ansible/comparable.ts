import { join } from 'node:path'
import { hierarchyOf } from '../../../src/inventory/reading/hierarchy.ts'
import { createProblems } from '../../../src/inventory/reading/problems.ts'
import { readSources } from '../../../src/inventory/reading/read-sources.ts'
import { openSources } from '../../../src/inventory/sources/open-sources.ts'
import { holdersOf } from '../../../src/inventory/variables/precedence.ts'
import { readVarsLayer } from '../../../src/inventory/vars-files/read-vars-layer.ts'

/** Hosts of each group, those of its descendants included, and all variables of each host: what two readings must agree on. */
export interface Comparable {
  readonly groups: Readonly<Record<string, readonly string[]>>
  readonly variables: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** Our reading of an inventory whose files are in a directory. */
export async function ours(directory: string, words: readonly string[]): Promise<Comparable> {
  const given = words
    .filter((word) => word !== '-i')
    .map((word) => (word.includes(',') ? word : join(directory, word)))
  const problems = createProblems()
  const { sources, varsDirectories } = await openSources(given, problems, {})
  const raw = readSources(sources, problems)
  // Playbooks of Kubespray make this group, Ansible alone does not.
  if (raw.groups.get('k8s_cluster')?.madeOf) raw.groups.delete('k8s_cluster')
  for (const one of varsDirectories) raw.layers.push(readVarsLayer(one, raw, problems))
  const hierarchy = hierarchyOf(raw, problems)
  const failure = problems.failure()
  if (failure) throw failure
  const variables = [...raw.hosts.values()].map((host) => {
    const own = holdersOf(host, raw, hierarchy).flatMap(({ variables, foreign }) => [
      ...variables.values(),
      ...foreign.values(),
    ])
    const pairs = own.map(
      ({ name, value, template }) => [name, normal(value ?? template ?? null)] as const,
    )
    return [host.name, Object.fromEntries(pairs)] as const
  })
  return comparable([...hierarchy.members], variables)
}

/** What `ansible-inventory --list` printed. */
export function theirs(printed: unknown): Comparable {
  const { _meta: meta, ...groups } = printed as {
    _meta: { hostvars: Record<string, Record<string, unknown>> }
  } & Record<string, { hosts?: string[]; children?: string[] }>
  const stated = groups as Record<string, { hosts?: string[]; children?: string[] }>
  const membersOf = (name: string): readonly string[] => {
    const reached = new Set([name])
    for (const group of reached) for (const one of stated[group]?.children ?? []) reached.add(one)
    return [...reached].flatMap((group) => stated[group]?.hosts ?? [])
  }
  const names = Object.keys(stated)
  const hosts = new Set(membersOf('all'))
  return comparable(
    names.map((name) => [name, membersOf(name)] as const),
    [...hosts].map((host) => [host, normal(meta.hostvars[host] ?? {}) as object] as const),
  )
}

function comparable(
  groups: readonly (readonly [string, readonly string[]])[],
  variables: readonly (readonly [string, object])[],
): Comparable {
  const filled = groups.filter(([, hosts]) => hosts.length > 0)
  return {
    // Ansible does not print which hosts are in `all` only, and come first there.
    groups: sorted(
      filled.map(([name, hosts]) => {
        const once = [...new Set(hosts)]
        return [name, name === 'all' ? once.sort() : once]
      }),
    ),
    variables: sorted(
      variables.map(
        ([host, own]) => [host, sorted(Object.entries(own).filter(isVariable))] as const,
      ),
    ),
  }
}

/** Ansible takes the priority for a property of the group where it can be one. */
function isVariable([name]: readonly [string, unknown]): boolean {
  return name !== 'ansible_group_priority'
}

function sorted<Value>(entries: readonly (readonly [string, Value])[]): Record<string, Value> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A value with one spelling for what means the same: fw-run keeps scalars as they are written. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal)
  if (typeof value === 'object' && value !== null) {
    return sorted(Object.entries(value).map(([key, one]) => [key, normal(one)]))
  }
  if (value === null || value === undefined) return null
  const text = String(value)
  if (/^(true|yes|on)$/i.test(text)) return 'true'
  if (/^(false|no|off)$/i.test(text)) return 'false'
  return /^[-+]?(\d+\.?\d*|\.\d+)(e\d+)?$/.test(text) && !/^0\d/.test(text)
    ? String(Number(text))
    : text
}
