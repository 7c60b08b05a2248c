import { closeSync, fsync, openSync, unlinkSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { FwRunError } from '../errors.ts'
import { journalFile, makeDirectory } from './directory.ts'
import type { NewEvent } from './event.ts'

/** Where a run writes down what it does, one event a line, so that whatever dies, the next run knows how to go on. */
export interface Journal {
  /** Writes an event at once, so that it outlives this process. What cannot be written is told once, never thrown. */
  note(event: NewEvent): void
  /** Resolves when the event, and all before it, would outlive the machine; rejects with a `journal` fault. */
  keep(event: NewEvent): Promise<void>
  close(): void
}

/**
 * Begins the journal of a run, a file of this user alone, and makes the directory if need be. Throws a `journal` fault
 * if it cannot be written. `tell` hears of the first event that is lost.
 */
export function openJournal(
  directory: string,
  run: string,
  begun: Extract<NewEvent, { kind: 'begun' }>,
  tell: (message: string) => void,
): Journal {
  const file = journalFile(directory, run)
  const descriptor = writable(file, () => {
    makeDirectory(directory)
    return openSync(file, 'ax', 0o600)
  })
  let closed = false
  let torn = false
  let told = false
  const write = (event: NewEvent): void => {
    // Its descriptor may belong to another file by now.
    if (closed) throw new Error('it is closed')
    // What follows a torn line must not become part of it.
    const bytes = Buffer.from(`${torn ? '\n' : ''}${lineOf(event)}\n`)
    torn = true
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done)
    torn = false
  }
  writable(file, () => begin(() => write(begun), file, descriptor))
  return {
    note(event) {
      try {
        write(event)
      } catch (cause) {
        if (!told) tell(`${unwritable(file, cause).message} The run goes on without it.`)
        told = true
      }
    },
    async keep(event) {
      try {
        write(event)
        await promisify(fsync)(descriptor)
        await syncDirectory(directory)
      } catch (cause) {
        throw unwritable(file, cause)
      }
    },
    close() {
      closed = true
      closeSync(descriptor)
    },
  }
}

/** Writes the first line; where that fails, no file is left that would be no journal. */
function begin(write: () => void, file: string, descriptor: number): void {
  try {
    write()
  } catch (error) {
    closeSync(descriptor)
    unlinkSync(file)
    throw error
  }
}

/** Adds an event to the journal of a run that has ended or died. Throws a `journal` fault if it cannot be written. */
export function append(file: string, event: NewEvent): void {
  writable(file, () => {
    const descriptor = openSync(file, 'a')
    try {
      // The last line may be torn: the run was killed.
      writeSync(descriptor, `\n${lineOf(event)}\n`)
    } finally {
      closeSync(descriptor)
    }
  })
}

function lineOf(event: NewEvent): string {
  return JSON.stringify({ time: new Date().toISOString(), ...event })
}

/** The name of a new file is on the disk only when its directory is. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function writable<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw unwritable(file, cause)
  }
}

function unwritable(file: string, cause: unknown): FwRunError {
  const why = cause instanceof Error ? cause.message.replace(/, (open|mkdir|write).*/, '') : cause
  return new FwRunError('journal', `The journal ${file} cannot be written: ${why}.`, {
    remedy:
      'Without it nobody could finish this run should it be killed. Make room or mend the rights there. Another directory, named with XDG_STATE_HOME, needs a copy of all past runs: what they left is not known without.',
    cause,
  })
}
