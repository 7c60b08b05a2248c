import { FwRunError } from '../errors.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { argumentFor, argumentsOf } from '../inventory/source-names.ts'
import { runsDirectory } from '../journal/directory.ts'
import { findRun } from '../journal/find-run.ts'
import { isSame } from '../journal/known-host.ts'
import { hostsInQuestion, type PastRun, type RunSummary } from '../journal/past-run.ts'
import { inventoryFlags, partlyReadRemedy, recoverCommand } from '../report/unfinished-run.ts'
import { readFully } from '../runs/known-runs.ts'
import { isInventoryOf, isOfOtherFiles } from '../runs/own-inventory.ts'
import { outcomeOf, utcTime, whyPartlyRead } from '../words/past-run.ts'

/** The runs to recover, newest first; if there are none, `remark` says why. */
export interface Wanted {
  readonly runs: readonly PastRun[]
  readonly remark: string | undefined
}

/**
 * The run whose id begins with the prefix. Without one, all unfinished runs that used this inventory or changed hosts of it. Those of them that
 * began with another inventory are not taken: that may be another cluster, whose hosts have the same names and addresses. It warns of them, or
 * throws a `usage` fault if there are no others. It also throws one for a run that does not exist, or is still at work.
 */
export async function wantedRuns(
  all: readonly RunSummary[],
  inventory: Inventory,
  prefix: string | undefined,
  warn: (message: string) => void,
): Promise<Wanted> {
  if (prefix === undefined) {
    const runs = await readFully(all.filter(({ state }) => state === 'unfinished'))
    const found = runs.filter((run) => concerns(run, inventory))
    demandRead(found)
    const ours = found.filter((run) => !isOfOtherFiles(run, inventory))
    leaveAside(
      found.filter((run) => !ours.includes(run)),
      ours.length === 0,
      warn,
    )
    if (ours.length > 0) return { runs: ours, remark: undefined }
    const others = runs.length > 0 ? elsewhere(runs.length) : undefined
    const busy = await readFully(all.filter(({ state }) => state === 'running'))
    const here = atWork(busy.filter((run) => concerns(run, inventory)))
    return { runs: [], remark: here ?? others ?? nothingKnown() }
  }
  const one = findRun(all, prefix)
  if (one.state === 'running') {
    throw new FwRunError('usage', `Run ${one.id} is ${outcomeOf(one)}.`, {
      remedy: `Wait until run ${one.id} has ended. Or stop it: press Ctrl-C in its terminal, or run \`kill ${one.begun.pid}\`.`,
    })
  }
  if (one.state === 'finished') {
    return { runs: [], remark: `run ${one.id} is finished: ${outcomeOf(one)}` }
  }
  const runs = await readFully([one])
  const others = await readFully(
    all.filter(({ state, partlyRead }) => partlyRead && state === 'unfinished'),
  )
  demandRead([...runs, ...others.filter((run) => concerns(run, inventory))])
  return { runs, remark: undefined }
}

/** Throws a `journal` fault if not all events of one of these runs could be read: it may have decided last. */
function demandRead(runs: readonly PastRun[]): void {
  const run = runs.find(({ partlyRead }) => partlyRead)
  if (!run) return
  throw new FwRunError('journal', `recover stops at run ${run.id}: ${whyPartlyRead(run)}.`, {
    remedy: partlyReadRemedy(run),
  })
}

/** Warns of runs that began with another inventory; throws a `usage` fault if recover has nothing else to finish. */
function leaveAside(
  runs: readonly PastRun[],
  stops: boolean,
  warn: (message: string) => void,
): void {
  for (const { id, begun } of runs) {
    const why = `run ${id} (${begun.command} of ${utcTime(begun.time)} by ${begun.who}) is unfinished. This inventory has hosts with the same names and addresses, or the file that the run changed. But the run began with another inventory: ${inventoryFlags(begun.inventory)}.`
    const remedy = `To finish it, run ${recoverCommand(begun.inventory, id)}. Or, if you are sure that the hosts are the same, run \`fw-run recover ${id}\`.`
    if (stops) throw new FwRunError('usage', `recover stops: ${why}`, { remedy })
    warn(`${why} So recover leaves that run as it is. ${remedy}`)
  }
}

function concerns(run: PastRun, inventory: Inventory): boolean {
  const { edit } = run
  if (isInventoryOf(run, inventory)) return true
  if (edit && argumentFor(edit.file, argumentsOf(inventory.origin)) !== undefined) return true
  return hostsInQuestion(run).some((host) => inventory.hosts.some((one) => isSame(one, host)))
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
