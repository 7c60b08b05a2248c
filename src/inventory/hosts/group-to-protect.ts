import { shown } from '../../text/shown.ts'
import { didYouMean } from '../../text/suggestion.ts'
import type { Hierarchy } from '../reading/hierarchy.ts'
import { CLUSTER, OLD_CLUSTER } from '../reading/kubespray-cluster.ts'
import type { Location, Problems } from '../reading/problems.ts'
import type { Holder, RawInventory } from '../reading/raw-inventory.ts'
import { opening, type Variable } from '../variables/variable.ts'
import { reportUnreadable } from '../variables/variable-check.ts'

/** The group of the cluster's nodes: `k8s_cluster`, stated or made, or Kubespray's old `k8s-cluster`, else `all`. */
export function clusterGroup({ members }: Hierarchy): string {
  return [CLUSTER, OLD_CLUSTER].find((name) => members.has(name)) ?? 'all'
}

/** The group of hosts to protect. A fault is recorded if it does not exist or has no hosts, a warning if it may surprise. */
export function groupToProtect(
  raw: RawInventory,
  hierarchy: Hierarchy,
  extra: ReadonlyMap<string, Variable>,
  problems: Problems,
): string {
  const chosen =
    extra.get('fw_group') ??
    holdersOfAll(raw)
      .findLast(({ variables }) => variables.has('fw_group'))
      ?.variables.get('fw_group')
  if (chosen) reportUnreadable(chosen, problems)
  warnOfMade(raw, hierarchy, chosen?.value, problems)
  if (typeof chosen?.value !== 'string') return defaultGroup(raw, hierarchy, problems)
  const hosts = hierarchy.members.get(chosen.value)
  const begin = `${opening(chosen)}group ${shown(chosen.value)}`
  if (hosts === undefined) {
    const meant = didYouMean(chosen.value, hierarchy.members.keys())
    problems.add(chosen.locationOf([]), `${begin} does not exist${meant ? `: ${meant}` : ''}`)
  } else if (hosts.length === 0) {
    problems.add(chosen.locationOf([]), `${begin} has no hosts`)
  } else if (!chosen.made) {
    warnOfMembers(hierarchy, chosen.value, chosen.location, problems)
  }
  return chosen.value
}

/** Records `fw_group` where it would be set for a part of the inventory only. */
export function reportStrayGroups(raw: RawInventory, problems: Problems): void {
  const ofAll = new Set(holdersOfAll(raw))
  const holders = [raw, ...raw.layers].flatMap(({ groups, hosts }) => [
    ...groups.values(),
    ...hosts.values(),
  ])
  for (const holder of holders) {
    if (ofAll.has(holder)) continue
    const stray = holder.variables.get('fw_group')
    if (stray) {
      problems.add(
        stray.location,
        'fw_group can be set only once, for the whole inventory',
        'Put it under all: vars:',
      )
    }
  }
}

/** What is stated of all hosts; later ones win. */
function holdersOfAll(raw: RawInventory): readonly Holder[] {
  return [raw, ...raw.layers].flatMap(({ groups }) => groups.get('all') ?? [])
}

function defaultGroup(raw: RawInventory, hierarchy: Hierarchy, problems: Problems): string {
  const name = clusterGroup(hierarchy)
  const location = raw.groups.get(name)?.location
  if (raw.hosts.size > 0 && hierarchy.members.get(name)?.length === 0 && location) {
    problems.add(location, `fw-run protects group ${shown(name)}, but it has no hosts`)
  }
  if (name === CLUSTER) warnOfOldTwin(raw, hierarchy, problems)
  if (name === OLD_CLUSTER) warnOfOldName(raw, hierarchy, problems)
  if (name === 'all') warnOfDoubtful(raw, hierarchy, problems)
  return name
}

/** Warns if hosts are neither in the group that fw-run made nor in the one that was chosen: no word of the inventory says so. */
function warnOfMade(
  raw: RawInventory,
  hierarchy: Hierarchy,
  chosen: unknown,
  problems: Problems,
): void {
  const { madeOf, location } = raw.groups.get(CLUSTER) ?? {}
  const left = beyond(hierarchy, 'all', CLUSTER, typeof chosen === 'string' ? chosen : CLUSTER)
  if (!madeOf || !location || left.length === 0) return
  const lines = madeOf.map((name) => `${name}:`).join(' , ')
  problems.warn(
    location,
    `the inventory has no group ${CLUSTER}. Like Kubespray, fw-run makes it from: ${madeOf.join(', ')}. These hosts are not in it, so fw-run does not change them, and does not add them to the set: ${some(left)}. If these hosts are nodes, add them to one of the groups ${madeOf.join(', ')}. If they are not nodes, add a group under the "children" of "all": \`${CLUSTER}: { children: { ${lines} } }\` (in INI, a section \`[${CLUSTER}:children]\` with a line for each of these groups). Then this warning ends`,
  )
}

/** Warns of members that are not protected: if they lead to pods, all nodes let in who comes by way of them. */
function warnOfMembers(
  hierarchy: Hierarchy,
  group: string,
  location: Location,
  problems: Problems,
): void {
  const cluster = clusterGroup(hierarchy)
  const left = beyond(hierarchy, cluster, group)
  if (left.length === 0) return
  problems.warn(
    location,
    `fw-run does not protect these hosts, because they are not in group ${shown(group)}: ${some(left)}. But all nodes trust them, because their addresses are members. If such a host leads to pods, as a node does, outsiders reach pods of all nodes by way of it. To protect these hosts, too, set fw_group to ${cluster}, in the inventory or with -e. If one of them is not a node, ${withoutOthers(cluster)}`,
  )
}

/** What to do with a host in the group of the cluster that is not a node. */
export function withoutOthers(cluster: string): string {
  return cluster === 'all'
    ? `make a group ${CLUSTER} that has only the nodes`
    : `take it out of group ${cluster}`
}

function warnOfOldTwin(raw: RawInventory, hierarchy: Hierarchy, problems: Problems): void {
  const location = raw.groups.get(OLD_CLUSTER)?.location
  const left = beyond(hierarchy, OLD_CLUSTER, CLUSTER)
  if (!location || left.length === 0) return
  problems.warn(
    location,
    `fw-run protects only group "${CLUSTER}". These hosts of group "${OLD_CLUSTER}" stay unprotected: ${some(left)}. To protect them, add them to group "${CLUSTER}"`,
  )
}

function warnOfOldName(raw: RawInventory, hierarchy: Hierarchy, problems: Problems): void {
  const location = raw.groups.get(OLD_CLUSTER)?.location
  const left = beyond(hierarchy, 'all', OLD_CLUSTER)
  if (!location || left.length === 0) return
  problems.warn(
    location,
    `fw-run protects only group "${OLD_CLUSTER}". These hosts stay unprotected: ${some(left)}. To protect them, add them to that group, or set fw_group`,
  )
}

/** Warns if fw-run protects all hosts, although names of groups say that some are not nodes of the cluster. */
function warnOfDoubtful(raw: RawInventory, hierarchy: Hierarchy, problems: Problems): void {
  for (const { name, location } of raw.groups.values()) {
    const members = hierarchy.members.get(name) ?? []
    const isCluster = LIKE_CLUSTER.test(name) && members.length > 0
    if (!isCluster && !LIKE_BASTION.test(name)) continue
    const parts = isCluster ? [name, ...controlPlanes(hierarchy, name)] : []
    const doubtful = isCluster ? beyond(hierarchy, 'all', ...parts) : members
    if (doubtful.length === 0) continue
    const which = parts.length > 1 ? 'groups' : 'group'
    const names = (isCluster ? parts : [name]).map(shown).join(' and ')
    const who = `hosts ${isCluster ? 'outside' : 'of'} ${which} ${names}: ${some(doubtful)}`
    const section = isCluster
      ? `[${CLUSTER}:children]\` with the line \`${parts.join('` and the line `')}`
      : `[${CLUSTER}]\` with a line for each node, such as \`NODE1`
    const children = parts.map((part) => `${part}:`).join(' , ')
    const child = isCluster ? `{ children: { ${children} } }` : '{ hosts: { NODE1: , NODE2: } }'
    problems.warn(
      location,
      `fw-run protects all hosts of the inventory, because the inventory has no group ${CLUSTER} and no fw_group. That includes ${who}. If these hosts are not nodes, add a group under the "children" of "all": \`${CLUSTER}: ${child}\` (in INI, a section \`${section}\`). fw-run then does not change these hosts, and does not add them to the set`,
    )
  }
}

const LIKE_CLUSTER =
  /^((k8s|k3s|k0s|rke2?|kube|kubernetes)[-_.]?(cluster|nodes?|hosts?)|kubernetes|k8s)$/i
const LIKE_BASTION = /^(bastion|jump(host|box|server)?)s?$/i

/** A group of nodes often lacks the control plane: the groups that have it, by their names, and hosts outside that group. */
function controlPlanes(hierarchy: Hierarchy, nodes: string): readonly string[] {
  return [...hierarchy.members.keys()].filter(
    (name) => LIKE_CONTROL_PLANE.test(name) && beyond(hierarchy, name, nodes).length > 0,
  )
}

const LIKE_CONTROL_PLANE =
  /^((.*[-_.])?(control[-_.]?planes?|controllers?|masters?)|(k3s|rke2?)[-_.]?servers?)$/i

/** The hosts of one group that are in none of others. */
function beyond(
  { members }: Hierarchy,
  group: string,
  ...others: readonly string[]
): readonly string[] {
  const inside = new Set(others.flatMap((other) => members.get(other) ?? []))
  return (members.get(group) ?? []).filter((name) => !inside.has(name))
}

function some(names: readonly string[]): string {
  const more = names.length - MAX_NAMED
  return more > 0 ? `${names.slice(0, MAX_NAMED).join(', ')} and ${more} more` : names.join(', ')
}

const MAX_NAMED = 5
