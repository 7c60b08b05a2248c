import { newestFirst, type PastRun, type RunSummary } from '../../journal/past-run.ts'
import { type Named, readFully } from '../unfinished-runs.ts'

/** A later run that has the last word on hosts: they need not be as an earlier one found them, or wanted them. */
export interface LaterRun {
  readonly id: string
  readonly hosts: readonly Named[]
}

/**
 * The runs that have the last word on all their hosts, changed or not: they have found nothing to do or have decided, from
 * where there is only forward, whatever became of the runner since. What `recover` does, it does for one of these.
 */
export async function lastWords(all: readonly RunSummary[]): Promise<readonly RunSummary[]> {
  const runs = all.filter(({ begun }) => begun.command !== 'recover')
  const doubtful = await readFully(runs.filter(({ ended }) => !ended?.finished))
  const decided = new Set(doubtful.flatMap((run) => (run.decided ? [run.id] : [])))
  return runs.filter(
    ({ id, ended }) => ended?.outcome === 'done' || ended?.outcome === 'moved' || decided.has(id),
  )
}

/** Those of them that began after a past run, newest first. */
export function laterThan(past: PastRun, runs: readonly RunSummary[]): readonly LaterRun[] {
  return runs
    .filter((run) => run.id !== past.id && newestFirst(run, past) < 0)
    .sort(newestFirst)
    .map((run) => ({ id: run.id, hosts: hostsOf(run, past) }))
}

/** The hosts of a run. Where its journal does not tell their addresses, names mean the same in the same inventory only. */
function hostsOf({ begun }: RunSummary, past: PastRun): readonly Named[] {
  const { hosts, addresses, inventory } = begun
  if (addresses) return hosts.map((name, index) => ({ name, address: addresses[index] ?? '' }))
  return inventory === past.begun.inventory
    ? past.hosts.filter(({ name }) => hosts.includes(name))
    : []
}
