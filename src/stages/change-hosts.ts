import type { RunReport } from '../report/run-report.ts'
import type { ExaminedHost } from './examine.ts'
import { type OpenedHost, type Opener, readAgain } from './open-hosts.ts'
import { reportRun } from './report-run.ts'
import type { Run } from './run.ts'
import { transactHosts } from './transact-hosts.ts'

/** How often a plan may go stale, because others write to FORWARD, before the run gives up. */
const tries = 3

/** What to change, and how far to go. */
export interface ChangeOptions {
  readonly examine: (opened: readonly OpenedHost[]) => readonly ExaminedHost[]
  /** Stop after the plan. */
  readonly check: boolean
  readonly diff: boolean
  readonly warnings: readonly string[]
}

/** Checks and plans, and changes all hosts or none. A plan that has gone stale is made again from fresh facts. */
export async function changeHosts(
  opened: readonly OpenedHost[],
  opener: Opener,
  run: Run,
  options: ChangeOptions,
): Promise<RunReport> {
  let hosts = opened
  for (let attempt = 1; ; attempt++) {
    const examined = options.examine(hosts)
    const planned = reportRun(run, examined, options)
    if (options.check || planned.kind !== 'pending') return planned
    const transaction = await transactHosts(examined, opener, run)
    if (transaction.kind !== 'stale' || attempt === tries) {
      return reportRun(run, examined, { ...options, transaction })
    }
    hosts = await readAgain(hosts, run)
  }
}
