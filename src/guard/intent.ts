import type { HostNetwork } from '../facts/host-network.ts'

/** What the inventory wants of one host: our set and our rules, or neither. */
export type Intent = ProtectIntent | RemoveIntent

/** The set with exactly these members, and a rule for each interface at its position in FORWARD. */
export interface ProtectIntent {
  readonly kind: 'protect'
  readonly set: string
  readonly members: readonly string[]
  readonly interfaces: readonly string[]
  readonly action: 'REJECT' | 'DROP'
  readonly published: 'allow' | 'block' | undefined
  readonly position: 'auto' | number
  readonly podCidrs: readonly string[]
  readonly network: HostNetwork
}

/** Neither the set nor any of our rules. */
export interface RemoveIntent {
  readonly kind: 'remove'
  readonly set: string
}
