import { existsSync } from 'node:fs'
import type { Selection } from '../cluster/select-hosts.ts'
import { messageOf } from '../errors.ts'
import { hasAddress } from '../inventory/has-address.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { argumentFor, argumentsOf } from '../inventory/source-names.ts'
import { forgetFileChange } from '../inventory/writing/file-change.ts'
import { append } from '../journal/journal.ts'
import { isSame, type KnownHost } from '../journal/known-host.ts'
import { latestFirst, orderIsSure } from '../journal/order-of-runs.ts'
import { hostsInQuestion, type PastRun, type RunSummary } from '../journal/past-run.ts'
import { exitCode } from '../outcomes/exit-code.ts'
import type { RunReport } from '../outcomes/run-report.ts'
import { describeUnfinished } from '../report/unfinished-run.ts'
import { pastRuns, readFully, runsNow } from '../runs/known-runs.ts'
import { isInventoryOf, isOfOtherFiles } from '../runs/own-inventory.ts'
import { isStillRemoved } from '../runs/removed-host.ts'
import type { Run } from '../runs/run.ts'
import type { ExaminedCluster } from './examine.ts'

/**
 * Warns of unfinished runs on these hosts, and says how to finish each: by `recover`, or by this run, if it `finishes`
 * those whose hosts it covers. Goes on if past runs cannot be read.
 */
export async function warnOfUnfinished<Selected extends Selection>(
  selection: Selected,
  run: Run,
  finishes: boolean,
): Promise<Selected> {
  const { runs } = await pastRuns(run)
  const unfinished = await unfinishedOf(runs, selection)
  for (const past of unfinished) {
    const by = finishes && covers(selection, past) ? 'this run' : 'recover'
    run.emit({ kind: 'warning', message: describeUnfinished(past, by) })
  }
  return { ...selection, unfinished }
}

/**
 * Marks unfinished runs as finished if they were about these hosts only. It does so once a run with a journal has
 * brought all these hosts to its goal; also those that began and died while this run waited at a question.
 */
export async function finishCovered(
  report: RunReport,
  selection: Selection,
  run: Run,
): Promise<RunReport> {
  if (report.run === undefined || report.kind !== 'done' || exitCode(report) !== 0) return report
  const unfinished = selection.unfinished.map((past) =>
    covers(selection, past) ? markFinished(past, run) : past,
  )
  const known = new Set(unfinished.map(({ id }) => id))
  const since = (await diedMeanwhile(selection, run)).filter(({ id }) => !known.has(id))
  return { ...report, unfinished: [...unfinished, ...since.map((past) => markFinished(past, run))] }
}

/** The unfinished runs about these hosts only which were surely before the decision of this run, by the journals as they are now. */
async function diedMeanwhile(selection: Selection, run: Run): Promise<readonly PastRun[]> {
  const runs = await runsNow()
  const own = runs.find(({ id }) => id === run.id)
  if (!own) return []
  const now = { ...own, lastNumber: run.journal.lastNumber() }
  return (await unfinishedOf(runs, selection)).filter(
    (past) => covers(selection, past) && orderIsSure(now, past) && latestFirst(now, past) < 0,
  )
}

async function unfinishedOf(
  runs: readonly RunSummary[],
  selection: Selection,
): Promise<readonly PastRun[]> {
  const ofAll = runs.filter(({ state }) => state === 'unfinished')
  return (await readFully(ofAll)).filter((past) => concerns(past, selection))
}

/**
 * Removes from hosts the notes of what they rolled back by themselves, where this run changes no host and tells them: else all later
 * runs told them again. A transaction does so by itself. Where it fails, a later run tells the note again.
 */
export async function forgetNotes(
  found: RunReport,
  { opened }: Pick<ExaminedCluster, 'opened'>,
  { check }: { readonly check: boolean },
  { owner }: Pick<Run, 'owner'>,
): Promise<RunReport> {
  if (check || found.kind !== 'done') return found
  await Promise.all(
    opened.map(async ({ host, link, facts }) => {
      if (facts?.note) await link?.agent.clear(host.settings.set, owner)
    }),
  )
  return found
}

/** Writes into the journal of a past run that this run has finished it. Warns if that fails; then it stays unfinished. */
export function markFinished(past: PastRun, run: Run): PastRun {
  try {
    append(past.file, { kind: 'finished-by', run: run.id })
    if (past.edit) forgetFileChange(past.edit)
    return { ...past, state: 'finished', finishedBy: run.id }
  } catch (error) {
    const message = messageOf(error)
    run.emit({
      kind: 'warning',
      message: `all hosts of run ${past.id} are done, but fw-run could not record that. ${message}`,
    })
    return past
  }
}

/**
 * Whether a past run was to change any of these hosts, also under an older name or address. If all its hosts have left
 * its inventory, any run on that counts.
 */
function concerns(past: PastRun, selection: Selection): boolean {
  const { hosts, inventory } = selection
  const ours = isInventoryOf(past, inventory)
  const isHere = (host: KnownHost): boolean =>
    (ours && past.hosts.some((one) => one.name === host.name && isStillRemoved(one, past))) ||
    presentHosts(host, inventory, ours).some((one) => isIn(hosts, one))
  return hostsInQuestion(past).some(isHere) || covers(selection, past)
}

/**
 * Whether a past run was about no other hosts than these, and not of another inventory. A host that has left its inventory does not count any more,
 * unless `recover` can still reach it.
 */
function covers({ hosts, inventory }: Selection, past: PastRun): boolean {
  const ours = isInventoryOf(past, inventory)
  if (past.partlyRead || hasOpenEdit(past, inventory) || isOfOtherFiles(past, inventory))
    return false
  return past.hosts.every(
    (host) =>
      isIn(hosts, host) ||
      (ours &&
        !isStillRemoved(host, past) &&
        presentHosts(host, inventory, ours).every((one) => isIn(hosts, one))),
  )
}

/** Whether a past run may have changed a file, without a decision to keep that, and this inventory was not read from it. */
function hasOpenEdit({ edit, decided }: PastRun, { origin }: Inventory): boolean {
  if (!edit || decided || !existsSync(edit.backup)) return false
  return argumentFor(edit.file, argumentsOf(origin)) === undefined
}

/** The hosts of an inventory that are a host of a past run, or may be it in that run's own inventory (`ours`): by their name, or by one of their addresses. */
function presentHosts(host: KnownHost, { hosts }: Inventory, ours: boolean): readonly KnownHost[] {
  return hosts.filter(
    (one) =>
      isSame(one, host) || (ours && (one.name === host.name || hasAddress(one, host.address))),
  )
}

function isIn(hosts: readonly KnownHost[], host: KnownHost): boolean {
  return hosts.some((one) => isSame(one, host))
}
