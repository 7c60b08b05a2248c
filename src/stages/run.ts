import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import pLimit, { type LimitFunction } from 'p-limit'
import type { Emit } from '../events.ts'
import { type Journal, noJournal } from '../journal/journal.ts'
import type { Owner } from '../transaction/participant.ts'
import { localUser } from './user.ts'

/** One run: its id, who runs it, how many hosts it works on at a time, whom it tells, what interrupts it. */
export interface Run {
  readonly id: string
  readonly command: string
  readonly owner: Owner
  readonly limit: LimitFunction
  readonly emit: Emit
  readonly signal: AbortSignal
  /** Resolves once all events so far are shown, so that a question may follow. */
  readonly flushed: () => Promise<void>
  /** Where it writes down what it does, if it may change hosts. */
  readonly journal: Journal
}

/** Begins a run. Its id sorts by time: `20261123-041500-3f9a`. */
export function beginRun(
  command: string,
  forks: number,
  view: { readonly emit: Emit; readonly flushed: () => Promise<void> },
  signal: AbortSignal,
): Run {
  const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  const id = `${time}-${randomBytes(2).toString('hex')}`
  const who = `${localUser()}@${hostname()}, fw-run ${command}, since ${new Date().toISOString()}`
  const owner = { run: id, who: who.replace(/\s/g, ' ') }
  return { id, command, owner, limit: pLimit(forks), ...view, signal, journal: noJournal }
}
