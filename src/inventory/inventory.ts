import type { Secret } from '../secret.ts'
import type { LocatedProbe } from './probe.ts'

/** Hosts, groups and settings as an inventory and `-e` give them, validated. */
export interface Inventory {
  readonly file: string
  /** All hosts, in file order. */
  readonly hosts: readonly InventoryHost[]
  /** The names of each group's hosts, its descendants' included. */
  readonly groups: ReadonlyMap<string, readonly string[]>
  /**
   * The nodes of the cluster, in file order: the hosts to protect, and those of `k8s_cluster` or, without that group,
   * all that have an address to add to the set.
   */
  readonly nodes: readonly InventoryHost[]
  /** The hosts of `group`, in file order; never empty. */
  readonly protectedHosts: readonly InventoryHost[]
  /** `fw_group`; without it `k8s_cluster` if that exists, else `all`. */
  readonly group: string
  /** What was left aside and may surprise, as `file:line:column: message`. */
  readonly warnings: readonly string[]
}

/** A host: how to reach it, and what is to be done there. */
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

/** What the `fw_` variables say for one host, defaults filled in. */
export interface Settings {
  /** The interfaces the subnet comes in on; empty: ask. */
  readonly interfaces: readonly string[]
  readonly set: string
  /** IPv4 addresses that this host adds to the set of every host. */
  readonly addresses: readonly string[]
  /** IPv4 addresses that stand in this host's set beside those of the hosts. */
  readonly extraMembers: readonly string[]
  readonly position: 'auto' | number
  readonly action: 'REJECT' | 'DROP'
  /** IPv4 networks of pods; empty: find them on the hosts. */
  readonly podCidrs: readonly string[]
  readonly published: 'allow' | 'block' | undefined
  readonly probes: readonly LocatedProbe[]
  /** The ids of checks whose warnings are known and accepted. */
  readonly accept: readonly string[]
  /** The variables that the command line gave, each with how: `--interface`, `-e fw_position`. Unset if it gave none. */
  readonly given?: Readonly<Record<string, string>>
}
