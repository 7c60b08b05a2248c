import type { ConfigSource } from '../ssh-config/ssh-config.ts'
import type { Share } from '../text/share.ts'

/** What the command line asks for, as far as stages need it. Times are in seconds. */
export interface RunSettings {
  /** The arguments of all `-i`. */
  readonly inventory: readonly string[]
  readonly limit: string | undefined
  readonly extraVars: readonly string[]
  readonly forks: number
  readonly user: string | undefined
  readonly askPass: boolean
  readonly askBecomePass: boolean
  readonly privateKey: string | undefined
  readonly timeout: number
  /** Whether `--timeout` is given; else ConnectTimeout may say more. */
  readonly isTimeoutGiven: boolean
  /** The SSH configuration to read: the usual one, none, or a file. */
  readonly sshConfig: ConfigSource
  readonly acceptNewHostKeys: boolean
  /** What connects hosts; unset: ssh2, and the ssh binary where it is needed. */
  readonly transport: 'ssh2' | 'openssh' | undefined
  readonly interface: string | undefined
  readonly yes: boolean
  /** How many hosts each wave has; the last goes for all waves that follow. Unset: all at once. */
  readonly serial: readonly Share[] | undefined
  /** The pattern of the hosts that are a wave before all others. */
  readonly serialFirst: string | undefined
  /** How long a wave is held before the next one begins; unset: only as long as it takes to prove it. */
  readonly wavePause: number | undefined
  /** How many hosts that cannot be reached the run may leave out; unset: none. */
  readonly tolerated: Share | undefined
  /** Whether to ask before anything is changed. */
  readonly ask: boolean
  /** How long the question whether to keep a change waits for a yes; unset: nobody is asked. */
  readonly confirm: number | undefined
  /** How long a host keeps an uncommitted change after the last sign of life of the runner. */
  readonly lease: number
}
