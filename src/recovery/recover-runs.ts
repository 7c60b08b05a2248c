import { resolve } from 'node:path'
import { prepareOpener } from '../cluster/opener.ts'
import { FwRunError } from '../errors.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { runsDirectory } from '../journal/directory.ts'
import { findRun } from '../journal/find-run.ts'
import { isSame } from '../journal/known-host.ts'
import type { PastRun, RunSummary } from '../journal/past-run.ts'
import { type RecoverReport, type Recovery, unfinishedHosts } from '../outcomes/recovery.ts'
import { outcomeOf } from '../report/past-run-words.ts'
import { readFully } from '../runs/past-runs.ts'
import type { Run, RunSettings } from '../runs/run.ts'
import { markFinished } from '../stages/unfinished-runs.ts'
import { conclusiveRuns, laterThan } from './finishing/later-runs.ts'
import { recoverRun } from './finishing/recover-run.ts'

/** The runs to recover, newest first; if there are none, `remark` says why. */
export interface Wanted {
  readonly runs: readonly PastRun[]
  readonly remark: string | undefined
}

/**
 * The run whose id begins with the prefix. Without one, all unfinished runs that used this inventory or changed hosts of it.
 * Throws a `usage` fault for a run that does not exist, or is still at work.
 */
export async function wantedRuns(
  all: readonly RunSummary[],
  inventory: Inventory,
  prefix: string | undefined,
): Promise<Wanted> {
  if (prefix === undefined) {
    const runs = await readFully(all.filter(({ state }) => state === 'unfinished'))
    const ours = runs.filter((run) => concerns(run, inventory))
    if (ours.length > 0) return { runs: ours, remark: undefined }
    const others = runs.length > 0 ? elsewhere(runs.length) : undefined
    const busy = await readFully(all.filter(({ state }) => state === 'running'))
    const here = atWork(busy.filter((run) => concerns(run, inventory)))
    return { runs: [], remark: here ?? others ?? nothingKnown() }
  }
  const one = findRun(all, prefix)
  if (one.state === 'running') {
    throw new FwRunError('usage', `Run ${one.id} is ${outcomeOf(one)}.`, {
      remedy: 'Wait until it has ended, or interrupt it where it runs.',
    })
  }
  if (one.state === 'finished') {
    return { runs: [], remark: `run ${one.id} is finished: ${outcomeOf(one)}` }
  }
  return { runs: await readFully([one]), remark: undefined }
}

function concerns({ begun, hosts }: PastRun, inventory: Inventory): boolean {
  if (begun.inventory === resolve(inventory.file)) return true
  return hosts.some((host) => inventory.hosts.some((one) => isSame(one, host)))
}

/** Says which runs are still at work on these hosts; undefined if none is. */
function atWork(busy: readonly PastRun[]): string | undefined {
  if (busy.length === 0) return undefined
  const words = busy.map((run) => `run ${run.id} is ${outcomeOf(run)}`)
  return `${words.join(', ')}: nothing to finish yet`
}

/** Says whose runs are known here: those of other users and jump hosts are not. */
function nothingKnown(): string {
  return `nothing to finish among the runs of this user on this jump host (${runsDirectory()}); \`fw-run status\` shows the state of the hosts`
}

function elsewhere(count: number): string {
  const runs = count === 1 ? 'run is' : 'runs are'
  return `nothing to finish here, but ${count} ${runs} unfinished on other hosts: \`fw-run runs\` lists them`
}

/** What all recoveries share; `all` are the runs of this jump host. */
interface Surroundings {
  readonly inventory: Inventory
  readonly settings: RunSettings
  readonly all: readonly RunSummary[]
}

/**
 * Recovers one run after the other and marks each that is finished. The newest comes first, because its changes were made
 * on top of the others.
 */
export async function recoverRuns(
  { runs, remark }: Wanted,
  { all, inventory, settings }: Surroundings,
  run: Run,
): Promise<RecoverReport> {
  if (runs.length === 0) return { run: undefined, interrupted: false, recoveries: [], remark }
  const names = new Set(runs.flatMap(({ hosts }) => hosts.map(({ name }) => name)))
  const hosts = inventory.hosts.filter(({ name }) => names.has(name))
  const opener = await prepareOpener(hosts, settings, run)
  const recoveries: Recovery[] = []
  const conclusive = await conclusiveRuns(all)
  for (const past of runs) {
    const later = laterThan(past, conclusive)
    const recovery = await recoverRun(past, { inventory, opener, settings, later }, run)
    const unfinished = unfinishedHosts(recovery).length > 0
    recoveries.push(unfinished ? recovery : { ...recovery, past: markFinished(past, run) })
  }
  return { run: run.id, interrupted: run.signal.aborted, recoveries, remark }
}
