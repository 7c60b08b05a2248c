import { readAgain } from '../../cluster/open-hosts.ts'
import { maxSeconds } from '../../limits.ts'
import type { RunReport } from '../../outcomes/run-report.ts'
import type { TriedProbe } from '../../probes/tried-probe.ts'
import { type Confirmation, confirm } from '../../prompt/confirm.ts'
import { renderQuestion } from '../../report/run-text.ts'
import type { Run } from '../../runs/run.ts'
import type { RunSettings } from '../../runs/run-settings.ts'
import { countHosts, hostList } from '../../text/host-list.ts'
import { noPaint } from '../../text/paint.ts'
import { shortKey } from '../../text/short-key.ts'
import { wrapLines } from '../../text/wrap.ts'
import { type ExaminedCluster, examineHosts } from '../examine.ts'
import { reportOn } from '../report.ts'
import type { InventoryEdit } from './edit-inventory.ts'
import { heldToPlan, type SavedPlan } from './saved-plan.ts'
import { isEditAlone, needsTransaction } from './transact.ts'
import { plainChanges } from './transacting/journal-events.ts'

/** A cluster as it was last read, and the report on it. */
interface Planned {
  readonly examined: ExaminedCluster
  readonly found: RunReport
}

/**
 * Reports on a cluster. With `ask`, it shows what is to be changed and asks whether to begin; without a yes the report is
 * `declined`. Time passes at a question, so after a yes the hosts are read and checked again, and another plan is asked about
 * again. It asks nothing where nothing is to be changed: no host, and no inventory file. Where only the file is, `--confirm` asks
 * here as well: nothing could be tried between a change and a question after it.
 */
export async function askFirst(
  cluster: ExaminedCluster,
  probes: readonly TriedProbe[],
  settings: Pick<RunSettings, 'ask' | 'confirm'> & {
    readonly check: boolean
    readonly diff: boolean
  },
  run: Run,
  { edit, saved }: { readonly edit?: InventoryEdit; readonly saved?: SavedPlan | undefined } = {},
): Promise<Planned> {
  const report = (examined: ExaminedCluster): Planned => {
    const found = reportOn(examined, { probes, diff: settings.diff }, run)
    return { examined, found: { ...found, ...(edit && { edit: edit.planned }) } }
  }
  let planned = report(cluster)
  let news = 'Nothing has been changed so far.'
  const isToBeAsked = ({ found, examined }: Planned): boolean =>
    isEditAlone(found, examined, settings)
      ? settings.ask || settings.confirm !== undefined
      : settings.ask && needsTransaction(heldToPlan(found, examined, saved), examined, settings)
  const seconds = settings.ask ? maxSeconds : (settings.confirm ?? maxSeconds)
  while (isToBeAsked(planned)) {
    const answer = await askAbout(planned.found, news, seconds, run)
    const { examined, found } = planned
    if (run.signal.aborted) return { examined, found: { ...found, kind: 'interrupted' } }
    if (answer.kind === 'no') return { examined, found: declined(found, answer.reason) }
    run.journal.number()
    const opened = await readAgain(cluster.opened, run)
    const now = report(await examineHosts({ ...cluster, opened }, cluster.goal, 'change', run))
    if (changesIn(now.found) === changesIn(found)) return now
    planned = now
    news = 'The plan has changed since the last question. Nothing has been changed so far.'
  }
  return planned
}

async function askAbout(
  found: RunReport,
  news: string,
  seconds: number,
  run: Run,
): Promise<Confirmation> {
  await run.flushed()
  const lines = [...renderQuestion(found, noPaint).map(run.withFlags), '', news]
  return confirm(
    {
      statement: wrapLines(lines, process.stderr.columns).join('\n'),
      question: (left) => `${questionAbout(found)} (y/N; without an answer in ${left} s: no) `,
      seconds,
    },
    run.signal,
  )
}

function questionAbout({ hosts, edit }: RunReport): string {
  const count = hosts.filter(({ changes }) => changes.length > 0).length
  const left = hosts.filter(({ findings }) =>
    findings.some(({ id, result }) => id === 'unfinished-change' && result.kind === 'warn'),
  )
  const names = hostList(left.map(({ host }) => host))
  const parts = [
    ...(count > 0 ? [`change ${countHosts(count)}`] : []),
    ...(count === 0 && left.length > 0
      ? [`remove the lock or the change that an earlier run left on ${names}`]
      : []),
    ...(edit ? [`change the file ${edit.file}`] : []),
  ]
  const question = `${parts.join(', and ')}?`
  return `${question.charAt(0).toUpperCase()}${question.slice(1)}`
}

function declined(found: RunReport, reason: string): RunReport {
  const objections = [{ kind: 'unconfirmed', reason }] as const
  return { ...found, kind: 'declined', asked: true, objections }
}

/** All changes of a plan, as a text that is equal for equal plans. */
function changesIn({ hosts }: RunReport): string {
  return hosts.map(({ host, changes }) => `${host} ${shortKey(plainChanges(changes))}`).join('\n')
}
