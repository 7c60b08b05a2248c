import { FwRunError } from '../errors.ts'
import { editableInventory, editHosts } from '../inventory/edit-hosts.ts'
import { takeBackFileChange, textBeforeChange } from '../inventory/file-change.ts'
import { loadInventory } from '../inventory/load.ts'
import { originOf } from '../inventory/source-names.ts'
import { isSame } from '../journal/known-host.ts'
import type { PastRun, RunSummary } from '../journal/past-run.ts'
import { readFully } from '../runs/known-runs.ts'
import type { Run } from '../runs/run.ts'
import type { RunSettings } from '../runs/run-settings.ts'
import { conclusiveRuns, type LaterRun, laterThan } from './finishing/later-runs.ts'

type Edit = NonNullable<PastRun['edit']>

/**
 * Brings the inventory file back to its bytes from before each wanted unfinished run that was to edit it and had not decided. It stays
 * where a later run has used it: that run has decided by the hosts in it. Returns the text by which all hosts of such runs can be reached,
 * also those that were to be added, or that are removed; empty if the file itself will do. An FwRunError says so if somebody else has
 * changed the file since. `all` are the runs of this jump host; both newest first.
 */
export async function takeBackEdits(
  { wanted, all }: { readonly wanted: readonly RunSummary[]; readonly all: readonly RunSummary[] },
  settings: RunSettings,
  run: Run,
): Promise<ReadonlyMap<string, string>> {
  const [argument = ''] = settings.inventory
  const origin = originOf(settings.inventory)
  const isOurs = ({ begun }: RunSummary): boolean => begun.inventory === origin
  const ours = await readFully(wanted.filter((one) => one.state === 'unfinished' && isOurs(one)))
  const conclusive = await conclusiveRuns(all.filter(isOurs))
  const warn = (message: string): void => run.emit({ kind: 'warning', message })
  const added: Edit[] = []
  let text: string | undefined
  for (const past of ours) {
    const { id, edit, decided } = past
    if (!edit) continue
    const later = laterThan(past, conclusive)
    if (decided) {
      if (edit.change.kind === 'remove' && !isOvertaken(past, edit, later)) {
        text = (await textBeforeChange(edit)) ?? text
      }
      continue
    }
    const [user] = later
    if (user) {
      warn(
        `fw-run does not restore ${argument} as it was before run ${id}, because the later run ${user.id} has used this file`,
      )
    } else if ((await takeBackFileChange(edit)) === 'restored') {
      warn(
        `fw-run has restored ${argument} as it was before run ${id}: that run had changed it, but not decided to keep the change`,
      )
    }
    added.push(edit)
  }
  for (const edit of added) text = (await textWith(edit, settings, text)) ?? text
  return new Map(text === undefined ? [] : [[argument, text]])
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
  { inventory: given, extraVars }: RunSettings,
  text: string | undefined,
): Promise<string | undefined> {
  if (change.kind !== 'add') return undefined
  try {
    const editable = await editableInventory(given, change)
    const now = text ?? editable.text
    const texts = new Map([[editable.file, now]])
    const inventory = await loadInventory(given, { extraVars, texts })
    return editHosts({ ...editable, text: now }, inventory, change).after
  } catch (error) {
    if (error instanceof FwRunError) return undefined
    throw error
  }
}
