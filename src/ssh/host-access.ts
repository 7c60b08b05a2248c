import type { Secret } from '../secret.ts'
import type { SshAlgorithms } from '../ssh-config/ssh-answer.ts'
import type { Bastion } from './bastion.ts'
import type { KnownHosts } from './known-hosts.ts'
import type { Identities } from './login/identities.ts'
import type { RootWay } from './root-way.ts'
import type { UnknownHostKey } from './session-fault.ts'

/** How to get to one host: `name` is its name in the inventory, `address` is dialled. */
export interface HostAccess {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly user: string
  readonly password: Secret | undefined
  readonly identities: Identities
  readonly become: 'none' | RootWay
  readonly becomePassword: Secret | undefined
  readonly hostKeys: HostKeyRules
  /** The bastion that dials it; unset: we do. */
  readonly via?: Bastion | undefined
  /** Unset where our own preference holds. */
  readonly algorithms?: SshAlgorithms | undefined
  /** The ways to log in that are allowed; unset: all. */
  readonly logins?: readonly string[] | undefined
  /** How long connecting may take if that is more than the time limit (ConnectTimeout). */
  readonly connectSeconds?: number | undefined
  /** After how long without an answer a session is lost, if that is less than usual (ServerAliveInterval). */
  readonly aliveSeconds?: number | undefined
}

/** How the key of a host is judged. */
export interface HostKeyRules {
  readonly knownHosts: KnownHosts
  /** The name to look up in place of address and port (HostKeyAlias). */
  readonly alias?: string | undefined
  /** Unset: an unknown key is refused. */
  readonly acceptNew?: AcceptNew | undefined
}

/** Where a new host key is written down, and who hears of it. */
export interface AcceptNew {
  readonly file: string
  /** Whether the name is hashed even where the file does not do so yet. */
  readonly hash: boolean
  readonly heard: (key: UnknownHostKey) => void
}
