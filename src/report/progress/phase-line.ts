import type { RunEvent } from '../../events.ts'
import { hostList } from '../../text/host-list.ts'
import { phaseWords } from '../../words/phases.ts'

type PhaseStarted = Extract<RunEvent, { kind: 'phase-started' }>
type Done = Extract<RunEvent, { kind: 'host-done' | 'probe-done' }>

/** How far a phase has come: who is missing, and who failed with which words. Times are milliseconds. */
export interface PhaseTally {
  readonly started: PhaseStarted
  readonly since: number
  readonly missing: Set<string>
  readonly troubles: string[]
  interrupted: boolean
}

/** The tally of a phase that starts now. */
export function openTally(started: PhaseStarted): PhaseTally {
  const missing = new Set(started.names)
  return { started, since: performance.now(), missing, troubles: [], interrupted: false }
}

/** Counts one host or probe of the phase. */
export function tallyDone({ missing, troubles }: PhaseTally, event: Done): void {
  const name = nameIn(event)
  missing.delete(name)
  if (!event.ok) troubles.push(`${name}: ${event.detail ?? 'failed'}`)
}

/** The host or the probe that an event is about. */
function nameIn(event: Done): string {
  return event.kind === 'probe-done' ? event.probe : event.host
}

/** `Commit: 2 of 3`, and whether the phase ended early because of Ctrl-C. */
export function headline(tally: PhaseTally): string {
  const { started, missing, troubles } = tally
  const all = started.names.length
  const count = `${phaseWords[started.phase]}: ${all - missing.size - troubles.length} of ${all}`
  return isCutShort(tally) ? `${count}, interrupted` : count
}

/** Whether Ctrl-C ended a phase before every host or probe of it was done. */
export function isCutShort({ interrupted, missing }: PhaseTally): boolean {
  return interrupted && missing.size > 0
}

/** For how long a phase must run before it says who is missing. */
const patienceMs = 2000

/** `Wave 2 of 3: node2, node3`. */
export function waveLine({ wave, of, names }: Extract<RunEvent, { kind: 'wave-started' }>): string {
  return `Wave ${wave} of ${of}: ${hostList(names)}`
}

/** `waiting for node3, 6 s of 10`; nothing in the first moments. A time that is waited for counts down. */
export function waitingWords({ started, since, missing }: PhaseTally): string {
  const elapsed = performance.now() - since
  const seconds = Math.floor(elapsed / 1000)
  const { phase, seconds: limit } = started
  const left = `${Math.max(0, Math.ceil((limit ?? 0) - elapsed / 1000))} s left`
  if (phase === 'watch') return `${left}; the change is kept already`
  if (phase === 'hold') return `${left}; Ctrl-C rolls back all waves`
  if (elapsed < patienceMs || missing.size === 0) return ''
  const of = limit !== undefined && seconds <= limit ? ` of ${limit}` : ''
  return `waiting for ${hostList([...missing], 3)}, ${seconds} s${of}`
}
