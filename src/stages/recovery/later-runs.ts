import { isSame, type KnownHost } from '../../journal/known-host.ts'
import { newestFirst, type PastRun, type RunSummary } from '../../journal/past-run.ts'
import type { RecoveredHost } from '../../outcomes/recovery.ts'
import { readFully } from '../past-runs.ts'

/** A later run that has decided about its hosts: what an earlier run found or wanted there does not matter any more. */
export interface LaterRun {
  readonly id: string
  readonly hosts: readonly KnownHost[]
}

/**
 * The runs that have decided about all their hosts, changed or not: they decided to commit, or found nothing to do. `recover`
 * is none of them, because it acts for the run that it finishes.
 */
export async function conclusiveRuns(all: readonly RunSummary[]): Promise<readonly RunSummary[]> {
  const runs = all.filter(({ begun }) => begun.command !== 'recover')
  const doubtful = await readFully(runs.filter(({ ended }) => !ended?.finished))
  const decided = new Set(doubtful.flatMap((run) => (run.decided ? [run.id] : [])))
  return runs.filter(
    ({ id, ended }) => ended?.outcome === 'done' || ended?.outcome === 'moved' || decided.has(id),
  )
}

/** Those of the conclusive runs that began after a past run, newest first. */
export function laterThan(past: PastRun, runs: readonly RunSummary[]): readonly LaterRun[] {
  return runs
    .filter((run) => run.id !== past.id && newestFirst(run, past) < 0)
    .sort(newestFirst)
    .map((run) => ({ id: run.id, hosts: hostsOf(run, past) }))
}

/** Says that a later run has decided about a host; empty if none has. */
export function superseded(host: KnownHost, later: readonly LaterRun[]): readonly RecoveredHost[] {
  const over = later.find(({ hosts }) => hosts.some((one) => isSame(one, host)))
  return over ? [{ host: host.name, kind: 'superseded', by: over.id }] : []
}

/** The hosts of a run. If its journal has no addresses, a name means the same host only in the same inventory. */
function hostsOf({ begun }: RunSummary, past: PastRun): readonly KnownHost[] {
  const { hosts, addresses, inventory } = begun
  if (addresses) return hosts.map((name, index) => ({ name, address: addresses[index] ?? '' }))
  return inventory === past.begun.inventory
    ? past.hosts.filter(({ name }) => hosts.includes(name))
    : []
}
