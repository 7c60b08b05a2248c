import { type FileHandle, open, readdir, readFile, stat } from 'node:fs/promises'
import { journalFile, runOf } from './directory.ts'
import { type JournalEvent, parseEvent, type UnknownEvent } from './event.ts'
import { newestFirst, type PastRun, pastRun, type RunSummary } from './past-run.ts'
import { type Distrust, distrustOf } from './trust.ts'

/** All runs that have a journal, newest first. `unreadable`: files that have the name of a journal and are none. */
export interface PastRuns {
  readonly runs: readonly RunSummary[]
  readonly unreadable: readonly string[]
  /** Files that other users own or can write, and the whole directory if it is such. */
  readonly distrusted: readonly Distrusted[]
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
    return { runs: [], unreadable: [], distrusted: [{ file: directory, ...distrust }] }
  }
  const ids = (await namesIn(directory)).flatMap((name) => runOf(name) ?? [])
  const found = new Map<string, RunSummary | { readonly distrust: Distrust } | undefined>()
  const queue = [...ids]
  const work = async (): Promise<void> => {
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      found.set(id, await summary(id, journalFile(directory, id)).catch(() => undefined))
    }
  }
  await Promise.all(Array.from({ length: atATime }, work))
  const runs: RunSummary[] = []
  const unreadable: string[] = []
  const distrusted: Distrusted[] = []
  for (const id of ids.sort().reverse()) {
    const one = found.get(id)
    const file = journalFile(directory, id)
    if (!one) unreadable.push(file)
    else if ('distrust' in one) distrusted.push({ file, ...one.distrust })
    else runs.push(one)
  }
  return { runs: runs.sort(newestFirst), unreadable, distrusted }
}

/** Reads one journal whole; undefined if the file is none. */
export async function readRun(id: string, file: string): Promise<PastRun | undefined> {
  return pastRun(id, file, eventsIn(await readFile(file, 'utf8')))
}

async function summary(
  id: string,
  file: string,
): Promise<RunSummary | { readonly distrust: Distrust } | undefined> {
  const handle = await open(file)
  try {
    const about = await handle.stat()
    const distrust = distrustOf(about)
    if (distrust !== undefined) return { distrust }
    const { size } = about
    if (size > head + tail) {
      const [line = ''] = (await textAt(handle, 0, head)).split('\n', 1)
      const first = parseEvent(line)
      const last = eventsIn(await textAt(handle, size - tail, tail))
      const run = first && pastRun(id, file, [first, ...last])
      if (run && (run.finishedBy !== undefined || run.ended?.finished)) return run
    }
  } finally {
    await handle.close()
  }
  return readRun(id, file)
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
