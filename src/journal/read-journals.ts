import { type FileHandle, open, readdir, readFile, stat } from 'node:fs/promises'
import { journalFile, runOf } from './directory.ts'
import { type JournalEvent, parseEvent, type UnknownEvent } from './event.ts'
import { newestFirst } from './order-of-runs.ts'
import { type PastRun, pastRun, type RunSummary } from './past-run.ts'
import { type Distrust, distrustOf } from './trust.ts'

/** All runs that have a journal, newest first. `noJournals`: files that have the name of a journal and are none. */
export interface PastRuns {
  readonly runs: readonly RunSummary[]
  readonly noJournals: readonly string[]
  /** Journals that may be whole, but cannot be read. */
  readonly unread: readonly Unread[]
  /** Files that other users own or can write, and the whole directory if it is such. */
  readonly distrusted: readonly Distrusted[]
}

/** A journal that cannot be read: this user may not, a later version has written it, or the system has a fault. */
export interface Unread {
  readonly file: string
  readonly kind: 'forbidden' | 'later' | 'fault'
  readonly why: string
}

/** A file that is not read, because another user could have written it. */
export interface Distrusted extends Distrust {
  readonly file: string
}

/** How many bytes of a journal's beginning and end are read first: they usually say who began it and how it ended. */
const head = 32 * 1024
const tail = 4 * 1024

/** How many journals are read at a time. */
const atATime = 16

/**
 * Lists the runs of a directory, none if it does not exist. Reads a journal whole only if its ends are not enough. Reads
 * nothing in a directory that other users own or can write.
 */
export async function listRuns(directory: string): Promise<PastRuns> {
  const distrust = await distrustOfDirectory(directory)
  if (distrust !== undefined) {
    return { runs: [], noJournals: [], unread: [], distrusted: [{ file: directory, ...distrust }] }
  }
  const ids = (await namesIn(directory)).flatMap((name) => runOf(name) ?? [])
  const found = new Map<string, Found>()
  const queue = [...ids]
  const work = async (): Promise<void> => {
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      found.set(id, await summary(id, journalFile(directory, id)).catch(unread))
    }
  }
  await Promise.all(Array.from({ length: atATime }, work))
  const runs: RunSummary[] = []
  const noJournals: string[] = []
  const unreads: Unread[] = []
  const distrusted: Distrusted[] = []
  for (const id of ids.sort().reverse()) {
    const one = found.get(id) ?? 'none'
    const file = journalFile(directory, id)
    if (one === 'none') noJournals.push(file)
    else if (one === 'gone') continue
    else if ('distrust' in one) distrusted.push({ file, ...one.distrust })
    else if ('why' in one) unreads.push({ file, ...one })
    else runs.push(one)
  }
  return { runs: runs.sort(newestFirst), noJournals, unread: unreads, distrusted }
}

/** What was found under the name of a journal. `gone`: another run has deleted it meanwhile, or has not begun it yet. */
type Found = RunSummary | { readonly distrust: Distrust } | Omit<Unread, 'file'> | 'none' | 'gone'

/** Why a journal was not read. */
function unread(error: unknown): 'gone' | Omit<Unread, 'file'> {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'gone'
  if (code !== 'EACCES' && code !== 'EPERM') return { kind: 'fault', why: message }
  return { kind: 'forbidden', why: 'this user may not read it' }
}

/** Reads one journal whole; undefined if the file is none. Rejects if it cannot be read. */
export async function readRun(id: string, file: string): Promise<PastRun | undefined> {
  return pastRun(id, file, eventsIn(await readFile(file, 'utf8')))
}

async function summary(id: string, file: string): Promise<Found> {
  const handle = await open(file)
  try {
    const about = await handle.stat()
    const distrust = distrustOf(about)
    if (distrust !== undefined) return { distrust }
    const { size } = about
    // Earlier versions made the file before they wrote its first line.
    if (size === 0) return 'gone'
    if (size > head + tail) {
      const [line = ''] = (await textAt(handle, 0, head)).split('\n', 1)
      const first = parseEvent(line)
      const last = eventsIn(await textAt(handle, size - tail, tail))
      const run = first && pastRun(id, file, [first, ...last])
      // Without its end, nothing there says when it decided.
      if (run?.ended && (run.finishedBy !== undefined || run.ended.finished)) return run
    }
  } finally {
    await handle.close()
  }
  return (await readRun(id, file)) ?? (await whyNone(file))
}

/** A first line that this version does not understand may be that of a later one. */
async function whyNone(file: string): Promise<Found> {
  const [line = ''] = (await readFile(file, 'utf8')).split('\n', 1)
  return parseEvent(line)?.kind === 'unknown'
    ? { kind: 'later', why: 'a later version of fw-run wrote it' }
    : 'none'
}

async function textAt(handle: FileHandle, offset: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, offset)
  return buffer.toString('utf8', 0, bytesRead)
}

function eventsIn(text: string): readonly (JournalEvent | UnknownEvent)[] {
  return text.split('\n').flatMap((line) => parseEvent(line) ?? [])
}

async function distrustOfDirectory(directory: string): Promise<Distrust | undefined> {
  try {
    return distrustOf(await stat(directory))
  } catch {
    return undefined
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
