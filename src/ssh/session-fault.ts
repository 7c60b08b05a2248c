/** How far a session came before it failed. */
export type SessionStage = 'connect' | 'host-key' | 'login' | 'become'

/** Why a session could not be opened: what happened, and what to do next, in whole sentences and without secrets. */
export interface SessionFault {
  readonly stage: SessionStage
  readonly reason: string
  readonly remedy: string
  /** Set if nothing is wrong but that known_hosts lacks this key. */
  readonly unknownKey?: UnknownHostKey
  /** What of the host ssh2 does not support. The ssh binary may support it. */
  readonly lacks?: string
  /** Set if the login at a bastion on the way failed. `by-ssh`: but the ssh binary can use the connection to it that the user has open. */
  readonly bastionLogin?: 'failed' | 'by-ssh'
  /** The host answered nothing at all: it is down, or the network to it is. One that refuses the connection has answered. */
  readonly silence?: 'no-answer' | 'no-route'
}

/** What to do if only the host knows why it ended a session. */
export const readLogOfSshd = 'Read the log of sshd on that host: `journalctl -u ssh -u sshd`.'

/** A host key that known_hosts lacks, and what somebody needs who wants to trust it. */
export interface UnknownHostKey {
  /** The inventory's name of the host. */
  readonly host: string
  readonly address: string
  readonly port: number
  readonly type: string
  /** As `ssh-keygen -l` prints it. */
  readonly fingerprint: string
  /** The public key file on the host whose fingerprint must be the same. */
  readonly file: string
  /** The line of known_hosts that trusts the key. */
  readonly line: string
  /** The known_hosts file in which that line counts. */
  readonly knownHosts: string
}
