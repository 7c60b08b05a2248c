import { FwRunError } from '../errors.ts'
import { type EditableInventory, editableInventory, editHosts } from '../inventory/edit-hosts.ts'
import { takeBackFileChange, textBeforeChange } from '../inventory/file-change.ts'
import { loadInventory } from '../inventory/load.ts'
import { originOf } from '../inventory/source-names.ts'
import type { PastRun, RunSummary } from '../journal/past-run.ts'
import { readFully } from '../runs/journal-warnings.ts'
import type { Run, RunSettings } from '../runs/run.ts'

type Edit = NonNullable<PastRun['edit']>

/**
 * Brings the inventory file back to its bytes from before an unfinished run that was to edit it and had not decided. Returns the text by
 * which all hosts of such a run can be reached, also one that was to be added, or that is removed; empty if the file itself will do. An
 * FwRunError says so if somebody else has changed the file since.
 */
export async function takeBackEdits(
  all: readonly RunSummary[],
  settings: RunSettings,
  run: Run,
): Promise<ReadonlyMap<string, string>> {
  const [argument = ''] = settings.inventory
  const origin = originOf(settings.inventory)
  const ours = all.filter(
    ({ state, begun }) => state === 'unfinished' && begun.inventory === origin,
  )
  for (const { id, edit, decided } of await readFully(ours)) {
    if (!edit) continue
    if (!decided && (await takeBackFileChange(edit)) === 'restored') {
      const message = `${argument} is as before run ${id} again, to the byte: that run had changed it, but not decided to keep the change`
      run.emit({ kind: 'warning', message })
    }
    const text = decided ? await textBefore(edit) : await textAfter(edit, settings)
    if (text !== undefined) return new Map([[argument, text]])
  }
  return new Map()
}

/** The text that still has a host which a decided run has removed. */
async function textBefore(edit: Edit): Promise<string | undefined> {
  return edit.change.kind === 'remove' ? textBeforeChange(edit) : undefined
}

/** The text with a host which a run was to add. */
async function textAfter(
  { change }: Edit,
  { inventory: given, extraVars }: RunSettings,
): Promise<string | undefined> {
  if (change.kind !== 'add') return undefined
  try {
    const editable: EditableInventory = await editableInventory(given, change)
    const inventory = await loadInventory(given, { extraVars })
    return editHosts(editable, inventory, change).after
  } catch (error) {
    if (error instanceof FwRunError) return undefined
    throw error
  }
}
