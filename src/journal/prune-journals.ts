import { unlink } from 'node:fs/promises'
import { isSame, type KnownHost } from './known-host.ts'
import { latestFirst, orderIsSure } from './order-of-runs.ts'
import { begunHosts, isDone, type RunSummary } from './past-run.ts'
import { listRuns } from './read-journals.ts'

/**
 * Deletes the oldest journals of finished runs. It keeps so many, so many more of runs that changed nothing (`keepIdle`), and those that `recover`
 * needs: they tell it which hosts of an unfinished run are superseded. Journals that cannot be deleted stay.
 */
export async function pruneJournals(
  directory: string,
  keep: number,
  keepIdle: number,
): Promise<void> {
  const { runs } = await listRuns(directory)
  const finished = runs.filter(({ state }) => state === 'finished')
  const needed = neededRuns(
    finished,
    runs.filter(({ state }) => state !== 'finished'),
  )
  const isIdle = ({ ended }: RunSummary): boolean => ended?.idle === true
  const old = [
    ...finished.filter((run) => !isIdle(run)).slice(keep),
    ...finished.filter(isIdle).slice(keepIdle),
  ]
  for (const run of old) {
    if (!needed.has(run)) await unlink(run.file).catch(() => undefined)
  }
}

/**
 * The finished runs that may have decided about hosts of unfinished ones after these. Of several such runs the newest will do,
 * if it has surely decided, and surely later.
 */
function neededRuns(
  finished: readonly RunSummary[],
  unfinished: readonly RunSummary[],
): ReadonlySet<RunSummary> {
  const needed = new Set<RunSummary>()
  const latest = finished.filter(mayHaveDecided).sort(latestFirst)
  for (const past of unfinished) {
    let open = begunHosts(past)
    for (const run of latest) {
      const isSure = orderIsSure(run, past)
      if (isSure && latestFirst(run, past) > 0) continue
      const theirs = begunHosts(run)
      if (open.some((host) => theirs.some((one) => mayBeSame(one, host)))) needed.add(run)
      if (!isSure || !isDone(run) || run.ended?.exitCode !== 0) continue
      open = open.filter((host) => !theirs.some((one) => isSurelySame(one, host)))
    }
  }
  return needed
}

function mayHaveDecided(run: RunSummary): boolean {
  return run.begun.command !== 'recover' && (isDone(run) || !run.ended?.finished)
}

function mayBeSame(one: KnownHost, other: KnownHost): boolean {
  return one.name === other.name && (isSurelySame(one, other) || !one.address || !other.address)
}

function isSurelySame(one: KnownHost, other: KnownHost): boolean {
  return one.address !== '' && isSame(one, other)
}
