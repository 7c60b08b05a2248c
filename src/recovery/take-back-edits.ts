import { FwRunError } from '../errors.ts'
import { loadInventory } from '../inventory/load.ts'
import { argumentFor, argumentsOf } from '../inventory/source-names.ts'
import { editableInventory, editHosts } from '../inventory/writing/edit-hosts.ts'
import { takeBackFileChange, textBeforeChange } from '../inventory/writing/file-change.ts'
import { isSame } from '../journal/known-host.ts'
import type { PastRun, RunSummary } from '../journal/past-run.ts'
import { conclusiveRuns, type LaterRun, laterThan } from '../runs/decided-runs.ts'
import { readFully } from '../runs/known-runs.ts'
import type { Run } from '../runs/run.ts'
import type { RunSettings } from '../runs/run-settings.ts'

type Edit = NonNullable<PastRun['edit']>

/** Runs with edits of inventory files; `all` are the runs of this jump host. Both newest first. */
interface Edited<R> {
  readonly wanted: readonly R[]
  readonly all: readonly RunSummary[]
}

/**
 * Brings the inventory file back to its bytes from before each wanted unfinished run that was to edit it and had not decided. It stays
 * where a later run has used it: that run has decided by the hosts in it. Returns the text by which all hosts of such runs can be reached,
 * also those that were to be added, or that are removed; empty if the file itself will do. An FwRunError says so if somebody else has
 * changed the file since.
 */
export async function takeBackEdits(
  { wanted, all }: Edited<RunSummary>,
  settings: RunSettings,
  run: Run,
): Promise<ReadonlyMap<string, string>> {
  const unfinished = await readFully(wanted.filter(({ state }) => state === 'unfinished'))
  const conclusive = await conclusiveRuns(all)
  const added: Edit[] = []
  let argument = ''
  let text: string | undefined
  for (const past of unfinished) {
    const { edit, decided, partlyRead } = past
    const found = edit && argumentFor(edit.file, settings.inventory)
    if (!edit || found === undefined || partlyRead) continue
    argument = found
    const later = laterThan(past, conclusive.filter(hasUsed(edit)))
    const stays = decided || (await takeBack(past, edit, { file: found, later }, run)) === 'stays'
    if (edit.change.kind === 'remove' && stays && !isOvertaken(past, edit, later)) {
      text = (await textBeforeChange(edit)) ?? text
    }
    if (!decided) added.push(edit)
  }
  for (const edit of added) text = (await textWith(edit, argument, settings, text)) ?? text
  return new Map(text === undefined ? [] : [[argument, text]])
}

/**
 * Brings back, in the same way, the inventory files which such runs were to edit and which are not in the inventory of these settings:
 * these runs are wanted for their hosts, or by name.
 */
export async function takeBackOtherEdits(
  { wanted, all }: Edited<PastRun>,
  { inventory }: RunSettings,
  run: Run,
): Promise<void> {
  const conclusive = await conclusiveRuns(all)
  for (const past of wanted) {
    const { edit, decided } = past
    if (!edit || decided || argumentFor(edit.file, inventory) !== undefined) continue
    const later = laterThan(past, conclusive.filter(hasUsed(edit)))
    await takeBack(past, edit, { file: edit.file, later }, run)
  }
}

/** Brings back one file, which is named as the user knows it, unless a later run has used it. Says what it does. */
async function takeBack(
  { id }: PastRun,
  edit: Edit,
  { file, later: [user] }: { readonly file: string; readonly later: readonly LaterRun[] },
  run: Run,
): Promise<'stays' | 'restored' | 'as-it-is'> {
  const warn = (message: string): void => run.emit({ kind: 'warning', message })
  if (user) {
    warn(
      `fw-run does not restore ${file} as it was before run ${id}, because the later run ${user.id} has used this file`,
    )
    return 'stays'
  }
  const done = await takeBackFileChange(edit)
  if (done === 'restored') {
    warn(
      `fw-run has restored ${file} as it was before run ${id}: that run did not decide to keep its change`,
    )
  }
  return done
}

/** Whether a run has read the file of an edit, by whatever path. */
function hasUsed({ file }: Edit): (one: { readonly run: RunSummary }) => boolean {
  return ({ run }) => argumentFor(file, argumentsOf(run.begun.inventory)) !== undefined
}

/** Whether a later run has decided about the host that a run has removed: then that is in the inventory again. */
function isOvertaken(
  { hosts }: PastRun,
  { change: { name } }: Edit,
  later: readonly LaterRun[],
): boolean {
  const host = hosts.find((one) => one.name === name)
  return later.some((run) => run.hosts.some((one) => host && isSame(one, host)))
}

/** The text with a host which a run was to add; undefined if it was to add none, or the text has it. */
async function textWith(
  { change }: Edit,
  argument: string,
  { inventory: given, extraVars }: RunSettings,
  text: string | undefined,
): Promise<string | undefined> {
  if (change.kind !== 'add') return undefined
  try {
    const editable = await editableInventory([argument], change)
    const now = text ?? editable.text
    const texts = new Map([[editable.file, now]])
    const inventory = await loadInventory(given, { extraVars, texts })
    return editHosts({ ...editable, text: now }, inventory, change).after
  } catch (error) {
    if (error instanceof FwRunError) return undefined
    throw error
  }
}
