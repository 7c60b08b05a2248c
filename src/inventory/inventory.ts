import type { Secret } from '../secret.ts'
import type { LocatedProbe } from './probe.ts'

/** The hosts, groups and settings that an inventory file and `-e` give, validated. */
export interface Inventory {
  readonly file: string
  /** All hosts, in file order. */
  readonly hosts: readonly InventoryHost[]
  /** The names of each group's hosts, those of its descendants included. */
  readonly groups: ReadonlyMap<string, readonly string[]>
  /**
   * The nodes of the cluster, in file order: the hosts to protect, and the other hosts of the cluster's group that have an
   * address for the set. That group is `k8s_cluster`, or Kubespray's old `k8s-cluster`, or else `all`.
   */
  readonly nodes: readonly InventoryHost[]
  /** The hosts of `group`, in file order; never empty. */
  readonly hostsToProtect: readonly InventoryHost[]
  /** The group to protect: `fw_group`, or without it the cluster's group. */
  readonly group: string
  /** What has no effect, or an effect that may surprise, as `file:line:column: message`. */
  readonly warnings: readonly string[]
}

/** A host: how to reach it, and what to do there. */
export interface InventoryHost {
  readonly name: string
  /** Where to connect: a host name, or an IPv4 or IPv6 address. */
  readonly address: string
  readonly port: number
  readonly user: string | undefined
  readonly password: Secret | undefined
  /** An absolute path. */
  readonly privateKeyFile: string | undefined
  readonly become: boolean | undefined
  readonly becomePassword: Secret | undefined
  /** The groups it is in, directly or through their children, sorted; without `all`. */
  readonly groups: readonly string[]
  readonly settings: Settings
}

/** What the `fw_` variables say for one host, with a default for each that is not given. */
export interface Settings {
  /** The guarded interfaces; empty: ask. */
  readonly interfaces: readonly string[]
  readonly set: string
  /** IPv4 addresses that this host adds to the set of every host. */
  readonly addresses: readonly string[]
  /** IPv4 addresses that are in this host's set besides those of the nodes. */
  readonly extraMembers: readonly string[]
  readonly position: 'auto' | number
  readonly action: 'REJECT' | 'DROP'
  /** IPv4 networks of pods; empty: find them on the hosts. */
  readonly podCidrs: readonly string[]
  readonly published: 'allow' | 'block' | undefined
  readonly probes: readonly LocatedProbe[]
  /** The ids of checks whose warnings are known and accepted. */
  readonly accept: readonly string[]
  /** The variables given on the command line, each with the flag: `--interface`, `-e fw_position`. Unset if there are none. */
  readonly given?: Readonly<Record<string, string>>
}
