import type { RunSummary } from '../journal/past-run.ts'
import { inColumns } from './layout/columns.ts'
import type { View } from './paint.ts'
import { outcomeOf } from './past-run-words.ts'

/** How many runs are listed: as many as a screen has room for. */
const listed = 20

/** How much of a name is shown on a terminal, and how little of an outcome is worth showing. */
const longestName = 16
const shortestOutcome = 12

/**
 * The past runs as a table, newest first, which is their order: the latest, and older ones that are still open. A terminal
 * gets rows that fit; the id of a run begins with its time.
 */
export function renderPastRuns(
  runs: readonly RunSummary[],
  { paint, columns }: View,
): readonly string[] {
  if (runs.length === 0) return ['No runs yet of this user on this jump host.']
  const some = runs.filter(({ state }, index) => index < listed || state !== 'finished')
  const cut = (text: string, width: number): string =>
    columns === undefined || text.length <= width ? text : `${text.slice(0, width - 1)}…`
  const cells = some.map((run) => [
    run.id,
    run.begun.command,
    cut(run.begun.who, longestName),
    `${run.begun.hosts.length}`,
  ])
  const [head = '', ...rows] = inColumns([['RUN (UTC)', 'COMMAND', 'WHO', 'HOSTS'], ...cells], '  ')
  const room = Math.max((columns ?? 0) - head.length - 2, shortestOutcome)
  const line = (row: string, outcome: string): string => `${row}  ${cut(outcome, room)}`
  const older = runs.length - some.length
  return [
    paint('bold', line(head, 'OUTCOME')),
    ...some.map((run, index) => {
      const row = line(rows[index] ?? '', outcomeOf(run))
      return run.state === 'unfinished' ? paint('red', row) : row
    }),
    ...(older > 0 ? [`${older} older: \`fw-run runs --output json\` has all.`] : []),
  ]
}

/** The same as one JSON document, for programs. */
export function jsonOfPastRuns(runs: readonly RunSummary[]): object {
  return { command: 'runs', exitCode: 0, runs: runs.map(jsonOfSummary) }
}

/** What the list tells of one run. */
export function jsonOfSummary(run: RunSummary): object {
  const { id, state, begun, ended, finishedBy } = run
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
    finishedBy,
    words: outcomeOf(run),
  }
}
