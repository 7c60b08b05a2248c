import type { Secret } from '../secret.ts'
import type { RootWay } from '../ssh/root-way.ts'
import type { SshArguments } from '../ssh-config/ssh-arguments.ts'
import type { FilesRead } from './files-read.ts'
import type { LocatedProbe } from './probe.ts'

/** The hosts, groups and settings that an inventory and `-e` give, validated. */
export interface Inventory {
  /** What messages call it: the arguments of all `-i`. */
  readonly file: string
  /** What journals call it. */
  readonly origin: string
  /** The files that it was read from, also those with variables. What a script printed, or stdin, is not among them. */
  readonly files: FilesRead
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
  /** Unset: as the SSH configuration says, else 22. */
  readonly port: number | undefined
  readonly user: string | undefined
  /** Set where it is the machine on which fw-run runs, and no SSH connects it. */
  readonly isLocal?: true
  readonly password: Secret | undefined
  /** An absolute path. */
  readonly privateKeyFile: string | undefined
  /** Options of ssh: those that win over user and port, and those that do not. Unset: there are none. */
  readonly sshOptions?: readonly [before: SshArguments, after: SshArguments] | undefined
  readonly become: boolean | undefined
  /** How to become root; unset: by sudo. */
  readonly rootWay?: RootWay | undefined
  readonly becomePassword: Secret | undefined
  /** The groups it is in, directly or through their children, sorted; without `all`. */
  readonly groups: readonly string[]
  readonly settings: Settings
}

/** What the `fw_` variables say for one host, with a default for each that is not given. */
export interface Settings {
  /** The guarded interfaces; empty: ask. */
  readonly interfaces: readonly string[]
  /**
   * `forward`: set and rule in FORWARD, for IPv4. `nft` and `mangle`: a table or chain of our own before routing, for IPv4
   * and IPv6. `auto`: the host takes `nft` if it can, else `mangle`.
   */
  readonly guard: 'forward' | 'nft' | 'mangle' | 'auto'
  /** Whether the guard comes back after a reboot, by files on the host. Only guards before routing can. */
  readonly persist: boolean
  readonly set: string
  /** Addresses of both families that this host adds to the members of every host, in canonical form. */
  readonly addresses: readonly string[]
  /** Addresses of both families that are this host's members besides those of the nodes, in canonical form. */
  readonly extraMembers: readonly string[]
  readonly position: 'auto' | number
  readonly action: 'REJECT' | 'DROP'
  /** Networks of pods, of both families, in canonical form; none of a family: find them on the hosts. */
  readonly podCidrs: readonly string[]
  /** Whether a guard before routing closes services to outsiders. */
  readonly services: 'close' | 'open'
  /** Networks of services, of both families, in canonical form; empty: not known. */
  readonly serviceCidrs: readonly string[]
  readonly published: 'allow' | 'block' | undefined
  readonly probes: readonly LocatedProbe[]
  /** The ids of checks whose warnings are known and accepted. */
  readonly accept: readonly string[]
  /** The node that this run takes out of the inventory; unset: none. `accepted`: it may stay a node of the cluster. */
  readonly leaving?: Leaving
  /** The variables given on the command line, each with the flag: `--interface`, `-e fw_position`. Unset if there are none. */
  readonly given?: Readonly<Record<string, string>>
}

/** A node on its way out of the inventory, with its addresses of both families. */
export interface Leaving {
  readonly host: string
  readonly addresses: readonly string[]
  readonly accepted: boolean
}
