import {
  closeSync,
  existsSync,
  fchmodSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pLimit from 'p-limit'
import { FwRunError } from '../errors.ts'
import { syncDirectory } from '../jump-host/replace-file.ts'
import { whyUnwritten } from '../jump-host/why-unwritten.ts'
import { journalFile, makeDirectory } from './directory.ts'
import type { NewEvent } from './event.ts'
import { laterNumber, takeNumber } from './sequence.ts'
import { type Distrust, distrustOf, trustingCommand } from './trust.ts'

/** Where a run writes down what it does, one event a line. If the run dies, `recover` knows from it how to go on. */
export interface Journal {
  /** Writes an event, which then outlives this process. Never throws: the first failure is told, later ones are not. */
  note(event: NewEvent): void
  /**
   * Resolves when this event and all before it are on the disk. Rejects with a `journal` fault, and takes the event back as
   * far as the disk lets it: after a crash, it must not count.
   */
  keep(event: NewEvent): Promise<void>
  /** Takes the next number among those of all runs of this directory. Throws a `journal` fault if it cannot be written down. */
  number(): number
  /** Never throws: a failure is told, if none was told before. */
  close(): void
}

/**
 * Begins the journal of a run: a file that only this user may read, in a directory that is made if need be. Throws a
 * `journal` fault if it cannot be written. `tell` is called for the first event that cannot be written.
 */
export function openJournal(
  directory: string,
  run: string,
  begun: Extract<NewEvent, { kind: 'begun' }>,
  tell: (message: string) => void,
): Journal {
  const file = journalFile(directory, run)
  const distrust = writable(file, () => {
    makeDirectory(directory)
    return distrustOf(statSync(directory))
  })
  if (distrust) throw distrusted(directory, distrust)
  const unnamed = join(directory, `.${run}.new`)
  const descriptor = writable(file, () => {
    const opened = openSync(unnamed, 'ax', 0o600)
    // A umask may have taken the rights of the owner.
    fchmodSync(opened, 0o600)
    return opened
  })
  let closed = false
  let torn = false
  let told = false
  const tellOnce = (message: string): void => {
    if (!told) tell(message)
    told = true
  }
  // The lines that are written while an event is being kept.
  let meanwhile: string[] | undefined
  const write = (line: string): void => {
    // The descriptor may already belong to another file.
    if (closed) throw new Error('it is closed')
    // After a torn line, the next event needs a line of its own.
    const bytes = Buffer.from(`${torn ? '\n' : ''}${line}\n`)
    torn = true
    writeAll(descriptor, bytes)
    torn = false
    meanwhile?.push(line)
  }
  /** Leaves the journal as if an event that was being kept had never come. Where that fails, the disk keeps what it will. */
  const takeBack = async (size: number, wasTorn: boolean): Promise<void> => {
    const lines = meanwhile ?? []
    meanwhile = undefined
    if (closed) return
    try {
      ftruncateSync(descriptor, size)
      torn = wasTorn
      for (const line of lines) write(line)
      await promisify(fsync)(descriptor)
    } catch {}
  }
  const keep = async (event: NewEvent): Promise<void> => {
    let undo = async (): Promise<void> => {}
    try {
      const { size } = fstatSync(descriptor)
      const wasTorn = torn
      undo = () => takeBack(size, wasTorn)
      write(lineOf(event))
      meanwhile = []
      await promisify(fsync)(descriptor)
      await syncDirectory(directory)
    } catch (cause) {
      await undo()
      throw unwritable(file, cause)
    } finally {
      meanwhile = undefined
    }
  }
  const oneByOne = pLimit(1)
  let last = 0
  const begin = (): void => {
    const number = takeNumber(directory)
    last = number.sequence
    write(lineOf({ ...number, ...begun }))
    giveName(unnamed, file)
  }
  writable(file, () => orRemove(unnamed, descriptor, begin))
  return {
    note(event) {
      try {
        write(lineOf(event))
      } catch (cause) {
        tellOnce(`${unwritable(file, cause).message} The run goes on without it.`)
      }
    },
    // Hosts that others write to are planned again at the same time.
    keep: (event) => oneByOne(() => keep(event)),
    number() {
      last = writable(file, () => laterNumber(directory, last))
      return last
    },
    close() {
      closed = true
      try {
        closeSync(descriptor)
      } catch (cause) {
        tellOnce(unwritable(file, cause).message)
      }
    },
  }
}

/** If the work fails, removes the file, which would be no journal. */
function orRemove(file: string, descriptor: number, work: () => void): void {
  try {
    work()
  } catch (error) {
    closeSync(descriptor)
    unlinkSync(file)
    throw error
  }
}

/** Gives a file its name, unless another has it. So nobody sees a journal without its first line. */
function giveName(unnamed: string, file: string): void {
  try {
    linkSync(unnamed, file)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    // Some file systems have no links.
    if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes(code) || existsSync(file)) throw error
    renameSync(unnamed, file)
    return
  }
  unlinkSync(unnamed)
}

/** Adds an event to the journal of a run that has ended or died, onto the disk. Throws a `journal` fault if it cannot be written. */
export function append(file: string, event: NewEvent): void {
  writable(file, () => {
    const descriptor = openSync(file, 'a')
    try {
      // The last line is torn if the run was killed while it wrote.
      writeAll(descriptor, Buffer.from(`\n${lineOf(event)}\n`))
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  })
}

/** A full disk takes a part without an error, and gives the error to the next write. */
function writeAll(descriptor: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done)
}

function lineOf(event: NewEvent): string {
  return JSON.stringify({ time: new Date().toISOString(), ...event })
}

function writable<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw unwritable(file, cause)
  }
}

/** The journals there may be forged, so the remedy asks first whose they are. */
function distrusted(directory: string, { why, foreign }: Distrust): FwRunError {
  const command = trustingCommand([{ file: directory, foreign }])
  return new FwRunError(
    'journal',
    `fw-run writes no journal into ${directory}, because that directory ${why}.`,
    {
      remedy: `If the journals in it are yours: \`${command}\`. Otherwise move the directory away.`,
    },
  )
}

function unwritable(file: string, cause: unknown): FwRunError {
  return new FwRunError(
    'journal',
    `The journal ${file} cannot be written: ${whyUnwritten(cause)}.`,
    {
      remedy:
        'Free space there, or fix the permissions. fw-run needs the journal to finish a killed run. If you set XDG_STATE_HOME to another directory, copy the old journals there. Without them, fw-run does not see unfinished runs.',
      cause,
    },
  )
}
