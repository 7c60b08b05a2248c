import { resolve } from 'node:path'
import { FwRunError } from '../errors.ts'
import { runsDirectory } from '../journal/directory.ts'
import { append } from '../journal/journal.ts'
import type { PastRun, RunSummary } from '../journal/past-run.ts'
import { listRuns, readRun } from '../journal/past-runs.ts'
import { exitCode } from '../outcomes/exit-code.ts'
import type { RunReport } from '../outcomes/run-report.ts'
import { describeUnfinished } from '../report/unfinished-run.ts'
import type { Run } from './run.ts'
import type { Selection } from './select-hosts.ts'

/**
 * Warns of runs on these hosts that were interrupted and never settled, and of what settles them: this run, if it `settles`
 * those whose hosts it covers. A state directory nobody can read stops nothing.
 */
export async function warnOfUnfinished(
  selection: Selection,
  run: Run,
  settles: boolean,
): Promise<Selection> {
  const open = (await pastRuns(run)).filter(({ state }) => state === 'unfinished')
  const unfinished = (await readFully(open)).filter((past) => concerns(past, selection))
  for (const past of unfinished) {
    const by = settles && covers(selection, past) ? 'this run' : 'recover'
    run.emit({ kind: 'warning', message: describeUnfinished(past, by) })
  }
  return { ...selection, unfinished }
}

/** All past runs, newest first; where they cannot be read that is only warned of. */
export async function pastRuns(run: Run): Promise<readonly RunSummary[]> {
  try {
    return await knownRuns(run)
  } catch (error) {
    if (!(error instanceof FwRunError)) throw error
    run.emit({ kind: 'warning', message: error.message })
    return []
  }
}

/** The same for whom the past is all that matters; throws a `journal` fault where it cannot be read. */
export async function knownRuns(run: Run): Promise<readonly RunSummary[]> {
  const directory = runsDirectory()
  const { runs, unreadable } = await listRuns(directory).catch((cause: Error) => {
    const message = `Past runs are not known, because ${directory} cannot be read: ${cause.message}.`
    throw new FwRunError('journal', message, {
      remedy: 'Mend its rights; `fw-run status` looks at the hosts.',
      cause,
    })
  })
  for (const file of unreadable) {
    run.emit({ kind: 'warning', message: `${file} is no journal, or its beginning is lost.` })
  }
  return runs
}

/** Journals in full. */
export async function readFully(runs: readonly RunSummary[]): Promise<readonly PastRun[]> {
  const full = await Promise.all(runs.map(({ id, file }) => readRun(id, file)))
  return full.flatMap((run) => run ?? [])
}

/**
 * Marks the unfinished runs as finished that were about no other hosts than these, once a run with a journal has brought
 * all of these to what it wanted. A host that has left the inventory of such a run no longer belongs to the cluster.
 */
export function finishCovered(report: RunReport, selection: Selection, run: Run): RunReport {
  if (report.run === undefined || report.kind !== 'done' || exitCode(report) !== 0) return report
  const unfinished = selection.unfinished.map((past) =>
    covers(selection, past) ? markFinished(past, run) : past,
  )
  return { ...report, unfinished }
}

/** Whether a run was about no other hosts than these. */
function covers({ hosts, inventory }: Selection, past: PastRun): boolean {
  const ours = past.begun.inventory === resolve(inventory.file)
  return past.hosts.every(
    (host) =>
      hosts.some((one) => isSame(one, host)) ||
      (ours && !inventory.hosts.some((one) => isSame(one, host))),
  )
}

/** Writes into the journal of a run that this one has settled it; unless that cannot be written, which is told. */
export function markFinished(past: PastRun, run: Run): PastRun {
  try {
    append(past.file, { kind: 'finished-by', run: run.id })
    return { ...past, state: 'finished', finishedBy: run.id }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    run.emit({ kind: 'warning', message: `run ${past.id} is settled, but ${message}` })
    return past
  }
}

/** Whether a run was to change any of these hosts, or none but such as have left its inventory since, which is this one. */
function concerns(past: PastRun, selection: Selection): boolean {
  const { hosts } = selection
  return (
    past.hosts.some((host) => hosts.some((one) => isSame(one, host))) || covers(selection, past)
  )
}

/** A host by what tells it from all others. */
export interface Named {
  readonly name: string
  readonly address: string
}

/** Whether these are the same host: another inventory may give its name to another. */
export function isSame(one: Named, other: Named): boolean {
  return one.name === other.name && one.address === other.address
}
