import { changedFileOf } from '../inventory/files-read.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { RunReport } from '../outcomes/run-report.ts'
import type { Objection } from '../transaction/outcome.ts'

/** Why what was planned is not wanted any more; undefined: it is. Never rejects. */
export type Overtaken = () => Promise<Objection | undefined>

/**
 * Objects where a file of the inventory was changed since this run read it: at a password prompt, another run may have added a host to
 * all sets, and what this one has planned would take it out again.
 */
export function changedSince({ files }: Pick<Inventory, 'files'>): Overtaken {
  const changedFile = changedFileOf(files)
  return async () => {
    const file = await changedFile()
    if (file === undefined) return undefined
    return {
      kind: 'overtaken',
      reason: `${file} was changed, deleted or made unreadable after fw-run read it`,
    }
  }
}

/** The report, refused if what was planned is not wanted any more. Nothing is asked where the run would change nothing in any case. */
export async function unlessOvertaken(
  found: RunReport,
  { check }: { readonly check: boolean },
  overtaken: Overtaken,
): Promise<RunReport> {
  if (check || (found.kind !== 'pending' && found.kind !== 'done')) return found
  const objection = await overtaken()
  return objection ? { ...found, kind: 'refused', objections: [objection] } : found
}
