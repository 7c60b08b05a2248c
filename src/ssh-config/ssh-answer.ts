/**
 * What ssh would use for one host. A setting is undefined where nothing differs from the built-in default of ssh. Files
 * have their tokens and `~` expanded.
 */
export interface SshAnswer {
  readonly hostName: string
  readonly port: number
  readonly user: string
  /** `inet`: IPv4 only, `inet6`: IPv6 only. */
  readonly addressFamily: 'any' | 'inet' | 'inet6'
  readonly identityFiles: readonly string[] | undefined
  readonly identitiesOnly: boolean
  /** Whether there is a ControlPath, which `SshConfig.controlPath` tells. */
  readonly hasControlPath: boolean
  /** A socket; `none`; or SSH_AUTH_SOCK or $NAME, a variable of the environment. */
  readonly identityAgent: string | undefined
  readonly certificateFiles: readonly string[]
  /** Hops with commas between, the first to dial first. */
  readonly proxyJump: string | undefined
  readonly proxyCommand: string | undefined
  readonly userKnownHostsFiles: readonly string[] | undefined
  readonly globalKnownHostsFiles: readonly string[] | undefined
  readonly revokedHostKeys: string | undefined
  /** A program that prints known keys of hosts, which only ssh runs. */
  readonly knownHostsCommand: string | undefined
  /** A library that has keys, which only ssh loads. */
  readonly pkcs11Provider: string | undefined
  readonly hostKeyAlias: string | undefined
  readonly strictHostKeyChecking: 'yes' | 'no' | 'ask' | 'accept-new'
  readonly hashKnownHosts: boolean
  /** BindAddress and BindInterface, which only ssh has. */
  readonly binds: readonly string[]
  readonly connectTimeout: number | undefined
  /** After how many seconds without an answer ssh gives a connection up; undefined: never. */
  readonly aliveSeconds: number | undefined
  readonly algorithms: SshAlgorithms
  /** The ways to log in that are allowed; undefined: all. */
  readonly logins: readonly string[] | undefined
}

/** Names of algorithms, best first; undefined: what we prefer ourselves. */
export interface SshAlgorithms {
  readonly ciphers: readonly string[] | undefined
  readonly keyExchanges: readonly string[] | undefined
  readonly hostKeys: readonly string[] | undefined
  readonly macs: readonly string[] | undefined
}
