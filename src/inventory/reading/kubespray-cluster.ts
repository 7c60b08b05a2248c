import { groupOf, type RawInventory } from './raw-inventory.ts'

/** The group of all nodes of a cluster, and its name in old inventories of Kubespray. */
export const CLUSTER = 'k8s_cluster'
export const OLD_CLUSTER = 'k8s-cluster'

/**
 * Makes the group `k8s_cluster` where an inventory of Kubespray states none. Current Kubespray makes it when it runs
 * (`roles/dynamic_groups`): its sample has `group_vars/k8s_cluster`, but no such group. As `group_by` does there, this puts the hosts
 * directly into the group. Other tools also have a group `kube_node`, so it takes a control plane by a name of Kubespray as well.
 */
export function makeKubesprayCluster(raw: RawInventory): void {
  if (raw.groups.has(CLUSTER) || raw.groups.has(OLD_CLUSTER)) return
  const parts = PARTS.map((names) => names.filter((name) => hostsBelow(raw, name).length > 0))
  const [controlPlane] = parts[0] ?? []
  const isCluster = controlPlane !== undefined && parts[1]?.length !== 0
  const location = controlPlane === undefined ? undefined : raw.groups.get(controlPlane)?.location
  if (!isCluster || !location) return
  const madeOf = parts.flat()
  const cluster = groupOf(raw, CLUSTER, location)
  raw.groups.set(CLUSTER, {
    ...cluster,
    madeOf,
    hosts: new Set(madeOf.flatMap((name) => hostsBelow(raw, name))),
  })
}

/** What the group is made of: the control plane, the nodes, the route reflectors; each with its old name. */
const PARTS = [
  ['kube_control_plane', 'kube-master'],
  ['kube_node', 'kube-node'],
  ['calico_rr', 'calico-rr'],
] as const

/** The hosts of a group and of all groups below it, also where groups contain each other. */
function hostsBelow({ groups }: RawInventory, name: string): readonly string[] {
  const reached = new Set([name])
  for (const one of reached)
    for (const child of groups.get(one)?.children.keys() ?? []) reached.add(child)
  return [...reached].flatMap((one) => [...(groups.get(one)?.hosts ?? [])])
}
