import { maxSeconds } from '../limits.ts'
import type { RunReport } from '../outcomes/run-report.ts'
import { confirm } from '../prompt/confirm.ts'
import { countHosts } from '../report/host-list.ts'
import { noPaint } from '../report/paint.ts'
import { renderQuestion } from '../report/run-text.ts'
import { wrapLines } from '../report/wrap.ts'
import type { ExaminedCluster } from './examine.ts'
import { needsTransaction } from './needs-transaction.ts'
import type { Run } from './run.ts'

/**
 * With `--ask`, shows what a run is to change and asks whether to begin. Without a yes the report is `declined`. It asks
 * nothing where nothing is to be changed.
 */
export async function askFirst(
  found: RunReport,
  cluster: Pick<ExaminedCluster, 'opened'>,
  settings: { readonly ask: boolean; readonly check: boolean },
  run: Run,
): Promise<RunReport> {
  if (!settings.ask || !needsTransaction(found, cluster, settings)) return found
  await run.flushed()
  const lines = [...renderQuestion(found, noPaint), '', 'Nothing has been changed so far.']
  const answer = await confirm(
    {
      statement: wrapLines(lines, process.stderr.columns).join('\n'),
      question: (left) => `${questionAbout(found)} (y/N, no in ${left} s) `,
      seconds: maxSeconds,
    },
    run.signal,
  )
  if (run.signal.aborted) return { ...found, kind: 'interrupted' }
  if (answer.kind === 'yes') return found
  const objection = { kind: 'unconfirmed', reason: answer.reason } as const
  return { ...found, kind: 'declined', asked: true, objections: [objection] }
}

function questionAbout({ hosts }: RunReport): string {
  const count = hosts.filter(({ changes }) => changes.length > 0).length
  return count === 0
    ? 'Clear away what an earlier run left on hosts?'
    : `Change ${countHosts(count)}?`
}
