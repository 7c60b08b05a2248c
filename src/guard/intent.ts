import type { GuardKind } from '../agent/agent.ts'
import type { HostNetwork } from '../facts/host-network.ts'
import { ofFamily } from '../ip/dual.ts'
import { onceFor } from '../memory/once-for.ts'
import type { TableForm } from './nft-table.ts'

/** What the inventory wants of one host: a guard of one kind, or none. */
export type Intent = ProtectIntent | RemoveIntent

/** A guard, whatever its kind. */
export type ProtectIntent = ForwardIntent | EarlyIntent

/** A guard before routing, which judges by the address that was asked for. */
export type EarlyIntent = NftIntent | MangleIntent

/** The guard `forward`: the set with exactly these members, and a rule for each interface at its position in FORWARD. */
export interface ForwardIntent extends Guarding {
  readonly kind: 'forward'
  readonly published: 'allow' | 'block' | undefined
  readonly position: 'auto' | number
}

/** The guard `nft`: a table of our own. */
export interface NftIntent extends Closing {
  readonly kind: 'nft'
  readonly form: TableForm
}

/** The guard `mangle`: a chain of our own in mangle PREROUTING, and a set, for each family that has closed networks. */
export interface MangleIntent extends Closing {
  readonly kind: 'mangle'
}

/**
 * It stops packets that come in by these interfaces and ask for a closed network. Packets from a member or a bare pod
 * pass. Members and networks are of both families.
 */
interface Closing extends Guarding {
  /**
   * Pod networks that the inventory names for other hosts only. They are closed here, too: an outsider may go to these pods by way of
   * this host, and then has the address of a node for the others.
   */
  readonly otherPods: readonly string[]
  readonly serviceCidrs: readonly string[]
  /** Pod networks whose pods on other hosts come in by a guarded interface, so that they count as sources. */
  readonly barePods: readonly string[]
  /** Whether boot files bring the guard back after a reboot. */
  readonly persist: boolean
}

/** The networks that are closed to outsiders. */
export function closedNetworks({ podCidrs, otherPods, serviceCidrs }: Networks): readonly string[] {
  return [...podCidrs, ...otherPods, ...serviceCidrs]
}

type Networks = Pick<EarlyIntent, 'podCidrs' | 'otherPods' | 'serviceCidrs'>

/** Whether a network of IPv6 is closed. */
export function closesIpv6(intent: Networks): boolean {
  return ofFamily(closedNetworks(intent), 6).length > 0
}

/** Whether a guard before routing in truth judges packets in FORWARD: there they come in by a VRF, not by its ports. */
export function judgesInForward(intent: EarlyIntent): boolean {
  return intent.kind === 'nft' && intent.form === 'forward'
}

/** Who may ask for closed networks. */
export function admitted({ members, barePods }: EarlyIntent): readonly string[] {
  return [...members, ...barePods]
}

/** The members of a guard, to ask for one of them. Hosts that want the same members have it in common. */
export const memberSet = onceFor(
  (members: readonly string[]): ReadonlySet<string> => new Set(members),
)

/** What guards of all kinds have in common. `set` is the name of the set, also where only an older guard has one. */
interface Guarding {
  readonly set: string
  readonly members: readonly string[]
  readonly interfaces: readonly string[]
  readonly action: 'REJECT' | 'DROP'
  readonly podCidrs: readonly string[]
  readonly network: HostNetwork
}

/** No guard of any kind. */
export interface RemoveIntent {
  readonly kind: 'remove'
  readonly set: string
  /** The guard that the inventory asked for: it says which tools the host must have. */
  readonly guard?: GuardKind | undefined
}
