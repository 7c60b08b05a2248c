import { randomBytes } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import pLimit, { type LimitFunction } from 'p-limit'
import type { Owner } from '../agent/agent.ts'
import type { Emit } from '../events.ts'
import type { WithFlags } from '../text/printed-commands.ts'
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
  /** Gives printed commands the flags of this run that they need. */
  readonly withFlags: WithFlags
  /** Where it writes down what it does. A run that changes nothing never begins it. */
  readonly journal: RunJournal
}

/** Who sees a run: hears each event, and says when all of them are shown. */
export type Viewer = Pick<Run, 'emit' | 'flushed'> & Partial<Pick<Run, 'withFlags'>>

/** Begins a run. Its id sorts by time: `20261123-041500-3f9a`. */
export function beginRun(
  command: string,
  forks: number,
  { emit, flushed, withFlags = (text) => text }: Viewer,
  signal: AbortSignal,
): Run {
  const now = new Date().toISOString()
  const id = `${now.replace(/[-:]/g, '').replace('T', '-').slice(0, 15)}-${randomBytes(2).toString('hex')}`
  const user = localUser()
  const who = `${user}@${hostname()}, fw-run ${command}, since ${now}`
  const journal = unbegunJournal()
  return {
    ...{ id, command, user, signal, flushed, withFlags, journal },
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
