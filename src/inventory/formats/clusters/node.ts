import { shown } from '../../../text/shown.ts'
import { parseHostKey } from '../../reading/host-range.ts'
import type { Location, Problems } from '../../reading/problems.ts'
import {
  define,
  groupOf,
  hostOf,
  limitHosts,
  type RawInventory,
} from '../../reading/raw-inventory.ts'
import type { Variable } from '../../variables/variable.ts'

/** What a node of a cluster does: the groups of Kubespray, which templates and `--limit` may name. */
export type Role = 'kube_control_plane' | 'kube_node' | 'etcd'

/** A node as another tool's file states it, in the words of an inventory. */
export interface ClusterNode {
  readonly name: string
  readonly location: Location
  readonly roles: readonly Role[]
  readonly variables: readonly Variable[]
}

/** Adds a node to the group `k8s_cluster` and the groups of its roles. The same name twice is a fault. */
export function addNode(
  { name, location, roles, variables }: ClusterNode,
  seen: Set<string>,
  raw: RawInventory,
  problems: Problems,
): void {
  const key = /[[\]]/.test(name) ? undefined : parseHostKey(name)
  if (key?.kind !== 'hosts' || key.port !== undefined) {
    problems.add(location, `${shown(name)} is not the name of a host`)
    return
  }
  if (seen.has(name)) {
    problems.add(location, `host ${shown(name)} is listed twice`)
    return
  }
  seen.add(name)
  const cluster = groupOf(raw, 'k8s_cluster', location)
  const host = hostOf(raw, name, location)
  for (const role of roles) {
    groupOf(raw, role, location).hosts.add(name)
    cluster.children.set(role, location)
  }
  if (roles.length === 0) cluster.hosts.add(name)
  for (const variable of variables) define(raw, [host], variable)
  limitHosts(raw, 1, location, problems)
}
