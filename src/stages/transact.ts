import { afterInterruptMs, rollbackGraceMs } from '../limits.ts'
import type { RunReport } from '../outcomes/run-report.ts'
import type { TriedProbe } from '../probes/tried-probe.ts'
import type { Run, RunSettings } from '../runs/run.ts'
import { transact } from '../transaction/transact.ts'
import type { InventoryEdit } from './edit-inventory.ts'
import type { ExaminedCluster } from './examine.ts'
import { reportOn } from './report.ts'
import type { SavedPlan } from './saved-plan.ts'
import { recordDecision, recordOutcomes } from './transacting/journal-events.ts'
import { takeIn } from './transacting/participants.ts'
import { type Proof, proveChange } from './transacting/prove-change.ts'

/**
 * Whether hosts are now to be changed: not with `--check`, not if a check or a probe refuses, and not if all is as wanted
 * already. What a dead run has left on a host is cleared away by a transaction as well.
 */
export function needsTransaction(
  found: RunReport,
  { opened }: Pick<ExaminedCluster, 'opened'>,
  { check }: { readonly check: boolean },
): boolean {
  if (check) return false
  if (found.kind === 'pending') return true
  return found.kind === 'done' && opened.some(({ facts }) => facts?.unfinished !== undefined)
}

/**
 * Changes all hosts or none, and proves the change before it is committed. Hosts with nothing to change take part: they are
 * held until the end, so that no other run makes them differ from the rest meanwhile. An edit of the inventory is made last before the
 * decision, and counts as one more host: if it fails, all is rolled back.
 */
export async function transactHosts(
  cluster: ExaminedCluster,
  probes: readonly TriedProbe[],
  settings: Pick<RunSettings, 'confirm' | 'lease'> & { readonly diff: boolean },
  run: Run,
  { edit, saved }: { readonly edit?: InventoryEdit; readonly saved?: SavedPlan | undefined } = {},
): Promise<RunReport> {
  const participants = await takeIn(cluster, run, saved)
  const asLastRead = (): ExaminedCluster => ({ ...cluster, examined: participants.hosts() })
  let proof: Proof = { objections: [], probes, asked: false }
  const transaction = await transact(participants.all, {
    ...run,
    grace: rollbackGraceMs,
    patience: cluster.opener.patience * 1000,
    afterInterrupt: afterInterruptMs,
    lease: settings.lease,
    decide: () => (edit ? edit.around(() => recordDecision(run)) : recordDecision(run)),
    async object(signal) {
      proof = await proveChange(asLastRead(), probes, settings, run, signal)
      return proof.objections
    },
  })
  recordOutcomes(transaction, participants.journalled, run)
  const { asked } = proof
  const results = { transaction, probes: proof.probes, asked, diff: settings.diff }
  return reportOn(asLastRead(), results, run)
}
