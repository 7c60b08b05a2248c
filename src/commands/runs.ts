import { renderPastPage } from '../exports/page.ts'
import { findRun } from '../journal/find-run.ts'
import { jsonOfPastRun, renderPastRun } from '../report/past-run.ts'
import { jsonOfPastRuns, renderPastRuns } from '../report/past-runs.ts'
import { pastRuns, readFully } from '../runs/known-runs.ts'
import type { Perform } from './command.ts'

/** `fw-run runs`: past runs of this user on this jump host, or one of them in full. Opens no connection. */
export const runs: Perform = async (settings, run) => {
  const { runs: all, complete } = await pastRuns(run)
  if (settings.pastRun !== undefined) {
    const [past] = await readFully([findRun(all, settings.pastRun)])
    if (past) {
      const json = jsonOfPastRun(past)
      return {
        exitCode: 0,
        text: ({ paint }) => renderPastRun(past, settings.diff, paint),
        json: () => json,
        forms: { page: (heading) => renderPastPage({ ...heading, ...json }) },
      }
    }
  }
  return {
    exitCode: 0,
    text: (view) => renderPastRuns(all, complete, view),
    json: () => jsonOfPastRuns(all),
  }
}
