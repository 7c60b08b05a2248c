import type { Secret } from '../secret.ts'
import type { Identities } from './login/identities.ts'

/** How to get to one host: `name` is its name in the inventory, `address` is dialled and looked up in known_hosts. */
export interface HostAccess {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly user: string
  readonly password: Secret | undefined
  readonly identities: Identities
  readonly become: 'none' | 'sudo'
  readonly becomePassword: Secret | undefined
}
