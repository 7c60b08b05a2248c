import type { RunSummary } from '../../journal/past-run.ts'
import type { Paint } from '../paint.ts'
import { outcomeOf, utcTime } from './past-run-words.ts'

/** The past runs as a table, in their order. */
export function renderPastRuns(runs: readonly RunSummary[], paint: Paint): readonly string[] {
  if (runs.length === 0) return ['No runs yet of this user on this jump host.']
  const rows = runs.map((run) => [
    run.id,
    utcTime(run.begun.time),
    run.begun.command,
    run.begun.who,
    `${run.begun.hosts.length}`,
    outcomeOf(run),
  ])
  const all = [['RUN', 'TIME', 'COMMAND', 'WHO', 'HOSTS', 'OUTCOME'], ...rows]
  const widths = rows[0]?.map((_, column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  )
  return all.map((row, index) => {
    const line = row
      .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
      .join('  ')
      .trimEnd()
    if (index === 0) return paint('bold', line)
    return runs[index - 1]?.state === 'unsettled' ? paint('red', line) : line
  })
}

/** The same as one JSON document, for programs. */
export function jsonOfPastRuns(runs: readonly RunSummary[]): object {
  return { command: 'runs', exitCode: 0, runs: runs.map(jsonOfSummary) }
}

/** What the list tells of one run. */
export function jsonOfSummary(run: RunSummary): object {
  const { id, state, begun, ended, settledBy } = run
  return {
    run: id,
    command: begun.command,
    time: begun.time,
    ended: ended?.time,
    who: begun.who,
    hosts: begun.hosts,
    state,
    outcome: ended?.outcome,
    exitCode: ended?.exitCode,
    settledBy,
    words: outcomeOf(run),
  }
}
