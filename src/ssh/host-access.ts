import type { Secret } from '../secret.ts'
import type { SshAlgorithms } from '../ssh-config/ssh-answer.ts'
import type { Bastion } from './bastion.ts'
import type { KnownHosts } from './known-hosts.ts'
import type { Identities } from './login/identities.ts'
import type { PrivatePlace } from './private-place.ts'
import type { RootWay } from './root-way.ts'
import type { UnknownHostKey } from './session-fault.ts'

/** How to get to one host: `name` is its name in the inventory, `address` is dialled. */
export interface HostAccess {
  readonly name: string
  readonly address: string
  /** The host as ssh is asked for it, in place of the address that an SSH configuration gives; unset: the address. */
  readonly destination?: string | undefined
  readonly port: number
  /** Dialled by IPv4 or IPv6 only; unset: by either. */
  readonly family?: 4 | 6 | undefined
  readonly user: string
  readonly password: Secret | undefined
  readonly identities: Identities
  readonly become: 'none' | RootWay
  readonly becomePassword: Secret | undefined
  readonly hostKeys: HostKeyRules
  /** The bastion that dials it; unset: we do. */
  readonly via?: Bastion | undefined
  /** Set for a bastion: its name need not be one of the inventory. */
  readonly isBastion?: true | undefined
  /** The words of ssh with which a person logs in to a bastion, `-F` first, without its name. */
  readonly loginWords?: readonly string[] | undefined
  /** Unset where our own preference holds. */
  readonly algorithms?: SshAlgorithms | undefined
  /** The ways to log in that are allowed; unset: all. */
  readonly logins?: readonly string[] | undefined
  /** How long connecting may take if that is more than the time limit (ConnectTimeout). */
  readonly connectSeconds?: number | undefined
  /** After how long without an answer a session is lost, if that is less than usual (ServerAliveInterval). */
  readonly aliveSeconds?: number | undefined
  /** Set where the ssh binary connects it, and its bastions, in place of ssh2. */
  readonly openssh?: OpensshWay | undefined
  /** Set where the host is the machine on which fw-run runs: no SSH then. */
  readonly local?: LocalMachine | undefined
}

/** By what the machine is known that is to be reached without SSH. */
export interface LocalMachine {
  /** Addresses of the host, in canonical form; the machine must have one of them. */
  readonly addresses: readonly string[]
}

/** How the ssh binary connects a host. */
export interface OpensshWay {
  /** What it is called with: the configuration to read, and all that the inventory and options say. */
  readonly words: readonly string[]
  /** The host as it is asked for. */
  readonly destination: string
  /** The key to offer, if one is named. */
  readonly keyFile: string | undefined
  /** The passphrases of key files. */
  readonly passphrases: ReadonlyMap<string, Secret>
  /** The ProxyCommand in its configuration that only ssh can run. It may ask for passwords, and have some. */
  readonly proxyCommand: string | undefined
  readonly place: PrivatePlace
}

/** How the key of a host is judged. */
export interface HostKeyRules {
  readonly knownHosts: KnownHosts
  /** The file to which a new key is added by hand; unset: none is read to which it could be added. */
  readonly file?: string | undefined
  /** The name to look up in place of address and port (HostKeyAlias). */
  readonly alias?: string | undefined
  /** Where ssh must be told where it writes new keys (UserKnownHostsFile), because its own setting forgets them. */
  readonly rememberIn?: readonly string[] | undefined
  /** Unset: an unknown key is refused. */
  readonly acceptNew?: AcceptNew | undefined
}

/** Where a new host key is written down, and who hears of it. */
export interface AcceptNew {
  readonly file: string
  /** Whether the name is hashed even where the file does not do so yet. */
  readonly hash: boolean
  readonly heard: (key: Pick<UnknownHostKey, 'type' | 'fingerprint'>) => void
}
