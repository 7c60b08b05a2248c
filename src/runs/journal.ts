import { hostname } from 'node:os'
import { FwRunError, faultExitCodes } from '../errors.ts'
import type { Emit } from '../events.ts'
import type { InventoryHost } from '../inventory/inventory.ts'
import { originOf } from '../inventory/source-names.ts'
import { runsDirectory } from '../journal/directory.ts'
import type { NewEvent } from '../journal/event.ts'
import { type Journal, openJournal } from '../journal/journal.ts'
import { startOf } from '../journal/life.ts'
import { pruneJournals } from '../journal/prune-journals.ts'
import { maxIdleJournals, maxJournals } from '../limits.ts'
import { version } from '../version.ts'
import type { Run } from './run.ts'
import type { RunSettings } from './run-settings.ts'

/** How a run ended, as its journal says it. */
export type RunEnd = Omit<Extract<NewEvent, { kind: 'ended' }>, 'kind' | 'idle'>

/** The journal of a run. Until it is begun, everything told to it is lost. */
export interface RunJournal {
  readonly isBegun: () => boolean
  readonly begin: (journal: Journal) => void
  /** Writes an event at once; never throws. */
  readonly note: (event: NewEvent) => void
  /** Resolves once the event is on the disk; rejects with a `journal` fault. */
  readonly keep: (event: NewEvent) => Promise<void>
  /** Takes the next number among those of all runs: whatever gets it comes after all that has one. Empty without a journal; may throw a `journal` fault. */
  readonly number: () => { readonly sequence?: number }
  /** The last number that it took; unset: none since it began. */
  readonly lastNumber: () => number | undefined
  /** Notes what an event of the run says of a host. */
  readonly hear: Emit
  /** Writes how the run ended, and closes the journal. */
  readonly end: (end: RunEnd) => void
}

/** The journal of a run that has not begun one. */
export function unbegunJournal(): RunJournal {
  let journal: Journal | undefined
  let last: { readonly sequence?: number } = {}
  let idle = true
  const mark = (event: NewEvent): NewEvent => {
    if (event.kind === 'planned' || event.kind === 'decided') idle = false
    return event
  }
  const note = (event: NewEvent): void => journal?.note(mark(event))
  return {
    isBegun: () => journal !== undefined,
    begin(opened) {
      journal = opened
    },
    note,
    keep: async (event) => journal?.keep(mark(event)),
    number() {
      if (journal) last = { sequence: journal.number() }
      return last
    },
    lastNumber: () => last.sequence,
    hear(event) {
      if (event.kind !== 'host-done') return
      const { phase, host, ok, detail } = event
      // Every run reaches many hosts and finds them ready: that is not worth a line.
      if (ok && (phase === 'connect' || phase === 'preflight' || phase === 'hold')) return
      note({ kind: 'step', phase, host, ok, ...(detail !== undefined && { detail }) })
    },
    end(end) {
      note({ kind: 'ended', ...last, ...end, ...(idle && { idle }) })
      journal?.close()
    },
  }
}

/** Begins the journal of a run that may change hosts. Throws a `journal` fault, before any connection, if it cannot. */
export async function beginJournal(
  hosts: readonly Pick<InventoryHost, 'name' | 'address'>[],
  settings: Pick<RunSettings, 'inventory' | 'limit' | 'lease'>,
  run: Run,
): Promise<void> {
  const directory = runsDirectory()
  const begun = {
    kind: 'begun',
    command: run.command,
    who: `${run.user}@${hostname()}`,
    version,
    pid: process.pid,
    started: startOf(process.pid),
    inventory: originOf(settings.inventory),
    limit: settings.limit ?? null,
    lease: settings.lease,
    hosts: hosts.map(({ name }) => name),
    addresses: hosts.map(({ address }) => address),
  } as const
  const warn = (message: string): void => run.emit({ kind: 'warning', message })
  try {
    run.journal.begin(openJournal(directory, run.id, begun, warn))
  } catch (cause) {
    throw untouched(cause)
  }
  await pruneJournals(directory, maxJournals, maxIdleJournals)
}

/** Adds to a fault what a person wants to know first: there is nothing to clear up. */
function untouched(cause: unknown): unknown {
  if (!(cause instanceof FwRunError)) return cause
  const { code, message, remedy } = cause
  return new FwRunError(code, `${message} fw-run connected to no host, and changed nothing.`, {
    ...(remedy === undefined ? {} : { remedy }),
    cause,
  })
}

/** The result of a run's work. Its journal, if it has begun one, says how the work ended or which fault ended it. */
export async function endInJournal<T extends { readonly end?: RunEnd }>(
  work: Promise<T>,
  run: Run,
): Promise<T> {
  try {
    const result = await work
    if (result.end) run.journal.end(result.end)
    return result
  } catch (error) {
    const known = error instanceof FwRunError
    run.journal.end({
      outcome: 'failed',
      words: `failed: ${known ? error.message : 'a bug in fw-run'}`,
      exitCode: faultExitCodes[known ? error.code : 'internal'],
      finished: false,
    })
    throw error
  }
}
