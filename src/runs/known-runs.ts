import { stat } from 'node:fs/promises'
import { FwRunError } from '../errors.ts'
import { runsDirectory } from '../journal/directory.ts'
import type { PastRun, RunSummary } from '../journal/past-run.ts'
import {
  type Distrusted,
  listRuns,
  type PastRuns,
  readRun,
  type Unread,
} from '../journal/read-journals.ts'
import { trustingCommand } from '../journal/trust.ts'
import { typed } from '../text/shell-quotes.ts'
import type { Run } from './run.ts'

/** The past runs that fw-run can read, newest first. `complete`: it could read all of them. */
export interface KnownRuns {
  readonly runs: readonly RunSummary[]
  readonly complete: boolean
}

/** All past runs that can be read and are trusted. Warns of the others. */
export async function pastRuns(run: Run): Promise<KnownRuns> {
  try {
    const { runs, noJournals, unread, distrusted } = await readRuns(run)
    for (const one of distrusted) {
      const message = `${one.file} ${one.why}, so fw-run does not read it. ${mend([one])}`
      run.emit({ kind: 'warning', message })
    }
    for (const one of unread) {
      run.emit({ kind: 'warning', message: `The ${wordsOf(one)}. ${makeReadable([one])}` })
    }
    return { runs, complete: noJournals.length + unread.length + distrusted.length === 0 }
  } catch (error) {
    if (!(error instanceof FwRunError)) throw error
    run.emit({ kind: 'warning', message: error.message })
    return { runs: [], complete: false }
  }
}

/**
 * The same, but throws a `journal` fault if past runs cannot be read, or if one cannot be read or is not trusted: it may be the one
 * that has decided last. Files that were last written before `since` (milliseconds since 1970) do not count.
 */
export async function knownRuns(run: Run, since = 0): Promise<readonly RunSummary[]> {
  const { runs, ...others } = await readRuns(run)
  const [unread, distrusted] = [
    await writtenSince(since, others.unread),
    await writtenSince(since, others.distrusted),
  ]
  const found = [
    ...distrusted.map(({ file, why }) => `${file} ${why}`),
    ...unread.map((one) => `the ${wordsOf(one)}`),
  ]
  if (found.length === 0) return runs
  const remedies = [
    ...(distrusted.length > 0 ? [mend(distrusted)] : []),
    ...(unread.length > 0 ? [makeReadable(unread)] : []),
  ]
  const words = found.join('; ')
  throw new FwRunError(
    'journal',
    `${words.charAt(0).toUpperCase()}${words.slice(1)}, so fw-run stops.`,
    {
      remedy: remedies.join(' '),
    },
  )
}

/** The past runs that can be read and are trusted, as they are now. Says nothing of others: `pastRuns` has. */
export async function runsNow(): Promise<readonly RunSummary[]> {
  const found = await listRuns(runsDirectory()).catch(() => undefined)
  return found?.runs ?? []
}

async function writtenSince<T extends { readonly file: string }>(
  since: number,
  files: readonly T[],
): Promise<readonly T[]> {
  const times = await Promise.all(
    files.map(({ file }) =>
      stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        () => Infinity,
      ),
    ),
  )
  return files.filter((_, at) => (times[at] ?? Infinity) >= since)
}

/** What to do about files that are not trusted. */
function mend(distrusted: readonly Distrusted[]): string {
  const [yours, move] =
    distrusted.length === 1
      ? ['If your own fw-run wrote this journal', 'If not, move it']
      : ['If your own fw-run wrote these journals', 'If not, move them']
  return `${yours}: \`${trustingCommand(distrusted)}\`. ${move} to another directory.`
}

function wordsOf({ file, why }: Unread): string {
  return `journal ${file} cannot be read: ${why}`
}

/** What to do about journals that cannot be read. To move one away would hide an unfinished run. */
function makeReadable(unread: readonly Unread[]): string {
  const again = 'Then run the same command again.'
  const forbidden = unread.filter(({ kind }) => kind === 'forbidden')
  if (forbidden.length > 0) {
    const command = trustingCommand(forbidden.map(({ file }) => ({ file, foreign: true })))
    return `To make it yours: \`${command}\`. ${again}`
  }
  return unread.some(({ kind }) => kind === 'later')
    ? `Install the newest fw-run. ${again}`
    : `Remove the cause. ${again}`
}

async function readRuns(run: Run): Promise<PastRuns> {
  const directory = runsDirectory()
  const found = await listRuns(directory).catch((cause: Error) => {
    const message = `Past runs are not known, because ${directory} cannot be read: ${cause.message}.`
    throw new FwRunError('journal', message, {
      remedy: `\`ls -ld ${typed(directory)}\` shows what it is. Make it a directory that this user can read. \`fw-run status\` shows the state of the hosts.`,
      cause,
    })
  })
  for (const file of found.noJournals) {
    run.emit({
      kind: 'warning',
      message: `${file} is not a journal, or its first line is lost. Move it to another directory.`,
    })
  }
  return found
}

/** Reads the journals of runs whole, without those that another run has deleted meanwhile. A `journal` fault if one cannot be read. */
export async function readFully(runs: readonly RunSummary[]): Promise<readonly PastRun[]> {
  const full = await Promise.all(
    runs.map(({ id, file }) =>
      readRun(id, file).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ENOENT') return undefined
        throw new FwRunError('journal', `The journal ${file} cannot be read: ${cause.message}.`, {
          remedy: 'Remove the cause, then run the same command again.',
          cause,
        })
      }),
    ),
  )
  return full.flatMap((run) => run ?? [])
}
