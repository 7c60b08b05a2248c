import stringWidth from 'fast-string-width'
import type { RunSummary } from '../journal/past-run.ts'
import type { View } from '../text/paint.ts'
import { wrapLines } from '../text/wrap.ts'
import { outcomeOf } from '../words/past-run.ts'
import { cutTo, inColumns } from './layout/columns.ts'

/** How many runs are listed: as many as fit on a screen. */
const maxListed = 20

/** How much of the name of a user is shown on a terminal. */
const maxNameWidth = 16

/** How many columns an outcome needs to be readable beside the rest of its row. */
const minOutcomeWidth = 24

/**
 * The past runs as a table, newest first, as they come: the latest, and older ones that are unfinished. The outcome is
 * never cut: on a terminal it is wrapped within its column. `complete`: no other run was left out as unreadable.
 */
export function renderPastRuns(
  runs: readonly RunSummary[],
  complete: boolean,
  { paint, columns }: View,
): readonly string[] {
  if (runs.length === 0) {
    const yet = 'No runs yet of this user on this jump host.'
    return [complete ? yet : 'fw-run can read no past run: see the warnings.']
  }
  const some = runs.filter(({ state }, index) => index < maxListed || state === 'unfinished')
  const cells = some.map(({ id, begun }) => [
    id,
    begun.command,
    columns === undefined ? begun.who : cutTo(begun.who, maxNameWidth),
    `${begun.hosts.length}`,
  ])
  const [head = '', ...rows] = inColumns([['RUN (UTC)', 'COMMAND', 'WHO', 'HOSTS'], ...cells], '  ')
  const older = runs.length - some.length
  return [
    paint('bold', `${head}  OUTCOME`),
    ...some.flatMap((run, index) => {
      const lines = besides(rows[index] ?? '', outcomeOf(run), columns)
      return run.state === 'unfinished' ? lines.map((line) => paint('red', line)) : lines
    }),
    ...(older > 0 ? [`${older} older: \`fw-run runs --output json\` has all.`] : []),
  ]
}

/** A row with its outcome, wrapped beside it; on a narrow terminal the outcome stands below. */
function besides(row: string, outcome: string, columns: number | undefined): readonly string[] {
  const start = stringWidth(row) + 2
  if (columns === undefined) return [`${row}  ${outcome}`]
  if (columns - start < minOutcomeWidth) return [row, ...wrapLines([`      ${outcome}`], columns)]
  const [first = '', ...rest] = wrapLines([outcome], columns - start)
  return [`${row}  ${first}`, ...rest.map((line) => `${' '.repeat(start)}${line.trimStart()}`)]
}

/** What the JSON document of past runs holds. */
export function jsonOfPastRuns(runs: readonly RunSummary[]): object {
  return { runs: runs.map(jsonOfSummary) }
}

/** What the list tells of one run. */
export function jsonOfSummary(run: RunSummary) {
  const { id, state, begun, ended, finishedBy } = run
  return {
    run: id,
    command: begun.command,
    started: begun.time,
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
