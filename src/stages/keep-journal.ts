import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { FwRunError, faultExitCodes } from '../errors.ts'
import type { InventoryHost } from '../inventory/inventory.ts'
import { runsDirectory } from '../journal/directory.ts'
import type { NewEvent } from '../journal/event.ts'
import { type Journal, openJournal } from '../journal/journal.ts'
import { startOf } from '../journal/life.ts'
import { prune } from '../journal/past-runs.ts'
import { maxJournals } from '../limits.ts'
import { version } from '../version.ts'
import { noting } from './journal-events.ts'
import type { Run } from './run.ts'
import type { RunSettings } from './settings.ts'
import { localUser } from './user.ts'

/** How a run ended, as its journal tells it. */
export type End = Omit<Extract<NewEvent, { kind: 'ended' }>, 'kind'>

/**
 * Does work that may change hosts, and keeps a journal of it from its beginning to its end. Throws a `journal` fault
 * before any host is connected to if it cannot.
 */
export async function keepJournal<T>(
  hosts: readonly Pick<InventoryHost, 'name' | 'address'>[],
  settings: Pick<RunSettings, 'inventory' | 'limit' | 'lease'>,
  run: Run,
  endOf: (result: T) => End,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  const directory = runsDirectory()
  const begun = {
    kind: 'begun',
    command: run.command,
    who: `${localUser()}@${hostname()}`,
    version,
    pid: process.pid,
    started: startOf(process.pid),
    inventory: resolve(settings.inventory),
    limit: settings.limit ?? null,
    lease: settings.lease,
    hosts: hosts.map(({ name }) => name),
    addresses: hosts.map(({ address }) => address),
  } as const
  const journal = beforeAll(() =>
    openJournal(directory, run.id, begun, (message) => run.emit({ kind: 'warning', message })),
  )
  try {
    await prune(directory, maxJournals)
    const result = await work({ ...run, journal, emit: noting(journal, run.emit) })
    journal.note({ kind: 'ended', ...endOf(result) })
    return result
  } catch (error) {
    const known = error instanceof FwRunError
    const words = `failed: ${known ? error.message : 'a bug in fw-run'}`
    const exitCode = faultExitCodes[known ? error.code : 'internal']
    journal.note({ kind: 'ended', outcome: 'failed', words, exitCode, finished: false })
    throw error
  } finally {
    journal.close()
  }
}

/** Opens the journal; a fault adds what a person wants to know first, that there is nothing to clear up. */
function beforeAll(open: () => Journal): Journal {
  try {
    return open()
  } catch (cause) {
    if (!(cause instanceof FwRunError)) throw cause
    const { code, message, remedy } = cause
    throw new FwRunError(code, `${message} No host was connected to, nothing was changed.`, {
      ...(remedy === undefined ? {} : { remedy }),
      cause,
    })
  }
}
