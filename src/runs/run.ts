import { randomBytes } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import pLimit, { type LimitFunction } from 'p-limit'
import type { Owner } from '../agent/agent.ts'
import type { Emit } from '../events.ts'
import type { Share } from '../share.ts'
import type { ConfigSource } from '../ssh-config/ssh-config.ts'
import { type RunJournal, unbegunJournal } from './journal.ts'

/** One run: its id, who runs it, how many hosts it works on at a time, who hears of it, what interrupts it. */
export interface Run {
  readonly id: string
  readonly command: string
  /** The user who runs it, on this machine. */
  readonly user: string
  readonly owner: Owner
  readonly atATime: LimitFunction
  readonly emit: Emit
  readonly signal: AbortSignal
  /** Resolves once all events so far are shown, so that a question may follow. */
  readonly flushed: () => Promise<void>
  /** Where it writes down what it does. A run that changes nothing never begins it. */
  readonly journal: RunJournal
}

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

/** Who sees a run: hears each event, and says when all of them are shown. */
export type Viewer = Pick<Run, 'emit' | 'flushed'>

/** Begins a run. Its id sorts by time: `20261123-041500-3f9a`. */
export function beginRun(
  command: string,
  forks: number,
  { emit, flushed }: Viewer,
  signal: AbortSignal,
): Run {
  const now = new Date().toISOString()
  const id = `${now.replace(/[-:]/g, '').replace('T', '-').slice(0, 15)}-${randomBytes(2).toString('hex')}`
  const user = localUser()
  const who = `${user}@${hostname()}, fw-run ${command}, since ${now}`
  const journal = unbegunJournal()
  return {
    ...{ id, command, user, signal, flushed, journal },
    owner: { run: id, who: who.replace(/\s/g, ' ') },
    atATime: pLimit(forks),
    emit(event) {
      emit(event)
      journal.hear(event)
    },
  }
}

/** In a container, a user may have a number but no name. */
function localUser(): string {
  try {
    return userInfo().username
  } catch {
    return process.env.USER ?? process.env.LOGNAME ?? `uid-${process.getuid?.()}`
  }
}
