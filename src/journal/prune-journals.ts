import { unlink } from 'node:fs/promises'
import { listRuns } from './read-journals.ts'

/** Deletes the oldest journals of finished runs and keeps so many. Journals that cannot be deleted stay. */
export async function pruneJournals(directory: string, keep: number): Promise<void> {
  const { runs } = await listRuns(directory)
  const finished = runs.filter(({ state }) => state === 'finished')
  for (const { file } of finished.slice(keep)) await unlink(file).catch(() => undefined)
}
