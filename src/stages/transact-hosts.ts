import type { RunReport } from '../outcomes/run-report.ts'
import type { TriedProbe } from '../probes/tried-probe.ts'
import { noPaint } from '../report/paint.ts'
import { renderQuestion } from '../report/run-text.ts'
import { transact } from '../transaction/transact.ts'
import { decide, outcomes } from './journal-events.ts'
import type { OpenCluster } from './open-cluster.ts'
import type { Participants } from './participants.ts'
import { type Proof, proveChange } from './prove-change.ts'
import type { Run } from './run.ts'
import type { RunSettings } from './settings.ts'
import { reportRun } from './summarize.ts'

/**
 * Runs the transaction over all hosts, also those that have nothing to change: they are held until it ends, so that no
 * other run makes them differ from the rest meanwhile. Before it commits, the change is proved.
 */
export async function transactHosts(
  cluster: OpenCluster,
  participants: Participants,
  probes: readonly TriedProbe[],
  { confirm, lease, diff }: Pick<RunSettings, 'confirm' | 'lease'> & { readonly diff: boolean },
  run: Run,
): Promise<RunReport> {
  const { opener } = cluster
  let proof: Proof = { objections: [], probes, asked: false }
  const transaction = await transact(participants.all, {
    ...run,
    patience: opener.patience * 1000,
    lease,
    object: async (signal) => {
      const hosts = participants.changing().map(({ host }) => host)
      if (hosts.length === 0) return []
      const shown =
        confirm === undefined
          ? []
          : renderQuestion(reportRun(run, cluster, participants.hosts(), { diff, probes }), noPaint)
      proof = await proveChange({ hosts, shown, probes, opener, confirm }, run, signal)
      return proof.objections
    },
    decide: async () => {
      await decide(run)
      run.emit({ kind: 'decided' })
    },
  })
  run.journal.note(outcomes(transaction, participants.journalled))
  const came = { transaction, probes: proof.probes, asked: proof.asked }
  return reportRun(run, cluster, participants.hosts(), { diff, ...came })
}
