import { FwRunError } from '../errors.ts'
import { runsDirectory } from '../journal/directory.ts'
import type { PastRun, RunSummary } from '../journal/past-run.ts'
import { type Distrusted, listRuns, type PastRuns, readRun } from '../journal/read-journals.ts'
import { trustingCommand } from '../journal/trust.ts'
import { typed } from '../shell.ts'
import type { Run } from './run.ts'

/** The past runs that fw-run can read, newest first. `complete`: it could read all of them. */
export interface KnownRuns {
  readonly runs: readonly RunSummary[]
  readonly complete: boolean
}

/** All past runs that can be read and are trusted. Warns of the others. */
export async function pastRuns(run: Run): Promise<KnownRuns> {
  try {
    const { runs, unreadable, distrusted } = await readRuns(run)
    for (const one of distrusted) {
      const message = `${one.file} ${one.why}, so fw-run does not read it. ${mend([one])}`
      run.emit({ kind: 'warning', message })
    }
    return { runs, complete: unreadable.length + distrusted.length === 0 }
  } catch (error) {
    if (!(error instanceof FwRunError)) throw error
    run.emit({ kind: 'warning', message: error.message })
    return { runs: [], complete: false }
  }
}

/**
 * The same, but throws a `journal` fault if past runs cannot be read, or if one is not trusted: it may be the one that has
 * decided last.
 */
export async function knownRuns(run: Run): Promise<readonly RunSummary[]> {
  const { runs, distrusted } = await readRuns(run)
  if (distrusted.length === 0) return runs
  const found = distrusted.map(({ file, why }) => `${file} ${why}`).join('; ')
  throw new FwRunError('journal', `${found}, so fw-run stops.`, { remedy: mend(distrusted) })
}

/** What to do about files that are not trusted. */
function mend(distrusted: readonly Distrusted[]): string {
  const [yours, move] =
    distrusted.length === 1
      ? ['If you wrote it', 'Otherwise move it']
      : ['If you wrote them', 'Otherwise move them']
  return `${yours}: \`${trustingCommand(distrusted)}\`. ${move} to another directory.`
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
  for (const file of found.unreadable) {
    run.emit({
      kind: 'warning',
      message: `${file} is not a journal, or its first line is lost. Move it to another directory.`,
    })
  }
  return found
}

/** Reads the journals of runs whole. */
export async function readFully(runs: readonly RunSummary[]): Promise<readonly PastRun[]> {
  const full = await Promise.all(runs.map(({ id, file }) => readRun(id, file)))
  return full.flatMap((run) => run ?? [])
}
