import type { RunReport } from '../outcomes/run-report.ts'
import type { Run } from '../runs/run.ts'
import type { ExaminedCluster } from './examine.ts'

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
