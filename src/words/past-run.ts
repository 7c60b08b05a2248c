import type { PastRun, RunSummary } from '../journal/past-run.ts'
import { version } from '../version.ts'

/** How a run came out, in a few words for a list. */
export function outcomeOf(run: RunSummary): string {
  const { state, begun, ended, finishedBy, partlyRead } = run
  if (state === 'running') return `still at work (process ${begun.pid})`
  if (state === 'unfinished' && partlyRead) return `UNFINISHED: ${whyPartlyRead(run)}`
  const words = ended?.words ?? wordsOfDead(run)
  if (state === 'unfinished') return `UNFINISHED: ${words}`
  return finishedBy === undefined ? words : `${words}; finished by ${finishedBy}`
}

/** Why not all of a journal could be read. */
export function whyPartlyRead({ begun }: Pick<RunSummary, 'begun'>): string {
  return begun.version === version
    ? 'its journal is damaged, so fw-run cannot tell what the run changed'
    : `fw-run ${begun.version} wrote its journal, and fw-run ${version} cannot read all of it`
}

/** How far a run came whose process died. */
function wordsOfDead({ state, begun, finishedBy, came }: RunSummary): string {
  if (state === 'unfinished' || finishedBy !== undefined) return 'died'
  if (came.planned === 0) return 'died before any change'
  return came.committed > 0
    ? `died; changed ${came.committed} of ${begun.hosts.length}`
    : 'died; rolled back'
}

/** Why a run had no plan for one of its hosts. */
export function withoutPlan(
  host: string,
  { waves, tolerated, partlyRead }: Pick<PastRun, 'waves' | 'tolerated' | 'partlyRead'>,
): string {
  if (partlyRead) return 'not known'
  if (tolerated.includes(host)) return 'left out: fw-run could not log in to it'
  const wave = waves.findIndex((names) => names.includes(host)) + 1
  return wave > 0
    ? `not touched: the run did not reach wave ${wave} of ${waves.length}`
    : 'nothing planned'
}

/** A time to the minute, in UTC as the ids of runs are: `2026-11-23 10:04Z`. */
export function utcTime(time: string): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')}Z`
}
