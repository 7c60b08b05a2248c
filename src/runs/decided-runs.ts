import type { KnownHost } from '../journal/known-host.ts'
import { latestFirst, orderIsSure } from '../journal/order-of-runs.ts'
import { isDone, type PastRun, type RunSummary } from '../journal/past-run.ts'
import { knownRuns, readFully } from './known-runs.ts'
import type { Run } from './run.ts'

/** A later run that has decided about these hosts: what an earlier run found or wanted there does not matter any more. */
export interface LaterRun {
  readonly id: string
  readonly hosts: readonly KnownHost[]
  /** Whether it was surely later: the clock may have been wrong. */
  readonly sure: boolean
}

/** A run that has decided about its hosts, and the names of those that it left out: about them it has not decided. */
interface ConclusiveRun {
  readonly run: RunSummary
  readonly tolerated: readonly string[]
}

/**
 * The runs that have decided about all their hosts but those that they left out, changed or not: they decided to commit, or found nothing to do.
 * `recover` is none of them, because it acts for the run that it finishes.
 */
export async function conclusiveRuns(
  all: readonly RunSummary[],
): Promise<readonly ConclusiveRun[]> {
  const runs = all.filter(({ begun }) => begun.command !== 'recover')
  // A run that left hosts out does not end with exit code 0. So most journals need not be read whole.
  const doubtful = runs.filter(({ ended }) => !ended?.finished || ended.exitCode !== 0)
  const known = new Map((await readFully(doubtful)).map((run) => [run.id, run]))
  return runs.flatMap((run) => {
    const { id, ended } = run
    const whole = known.get(id)
    return isDone(run) || (!ended?.finished && whole?.decided)
      ? [{ run, tolerated: whole?.tolerated ?? [] }]
      : []
  })
}

/** Those of the conclusive runs that decided after a past run did its last, or may have, latest first. */
export function laterThan(past: PastRun, runs: readonly ConclusiveRun[]): readonly LaterRun[] {
  return runs
    .map((one) => ({ ...one, sure: orderIsSure(one.run, past) }))
    .filter(({ run, sure }) => run.id !== past.id && (!sure || latestFirst(run, past) < 0))
    .sort((one, other) => latestFirst(one.run, other.run))
    .map(({ run, tolerated, sure }) => ({
      ...{ id: run.id, sure },
      hosts: hostsOf(run, past).filter(({ name }) => !tolerated.includes(name)),
    }))
}

/**
 * The runs that have decided after this run did, or may have, by the journals as they are now. Rejects with a `journal` fault if one cannot
 * be read that was written since this program began: of others, the run has warned.
 */
export async function decidedAfter(run: Run): Promise<readonly LaterRun[]> {
  const all = await knownRuns({ ...run, emit: () => {} }, performance.timeOrigin)
  const [own] = await readFully(all.filter(({ id }) => id === run.id))
  return own ? laterThan(own, await conclusiveRuns(all)) : []
}

/** The hosts of a run. If its journal has no addresses, a name means the same host only in the same inventory. */
function hostsOf({ begun }: RunSummary, past: PastRun): readonly KnownHost[] {
  const { hosts, addresses, inventory } = begun
  if (addresses) return hosts.map((name, index) => ({ name, address: addresses[index] ?? '' }))
  return inventory === past.begun.inventory
    ? past.hosts.filter(({ name }) => hosts.includes(name))
    : []
}
