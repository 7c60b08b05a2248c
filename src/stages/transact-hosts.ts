import type { TriedProbe } from '../probes/tried-probe.ts'
import { noPaint } from '../report/paint.ts'
import type { RunReport } from '../report/run-report.ts'
import { renderQuestion } from '../report/text.ts'
import type { TransactionResult } from '../transaction/outcome.ts'
import type { Participant } from '../transaction/participant.ts'
import { transact } from '../transaction/transact.ts'
import type { ExaminedHost } from './examine.ts'
import { decide, planned, settled } from './journal-events.ts'
import { type Opener, reopen } from './open-hosts.ts'
import { type Proof, proveChange } from './proof/before-commit.ts'
import type { Run } from './run.ts'
import type { RunSettings } from './settings.ts'

/** How a transaction ended, and how the probes came out in it. */
export interface Transacted {
  readonly transaction: TransactionResult
  readonly probes: readonly TriedProbe[]
  /** Whether somebody was shown the change and asked whether to keep it. */
  readonly asked: boolean
}

/** The hosts of a transaction, and what was found and planned on them. */
interface Planned {
  readonly hosts: readonly ExaminedHost[]
  readonly planned: RunReport
}

/**
 * Runs the transaction over all hosts, also those that have nothing to change: they are held until it ends, so that no
 * other run makes them differ from the rest meanwhile. Before it commits, the change is proved.
 */
export async function transactHosts(
  { hosts, planned: report }: Planned,
  probes: readonly TriedProbe[],
  opener: Opener,
  { confirm, lease }: Pick<RunSettings, 'confirm' | 'lease'>,
  run: Run,
): Promise<Transacted> {
  let proof: Proof = { objections: [], probes, asked: false }
  const participants = hosts.flatMap((host) => participant(host, opener))
  const changing = participants.filter(({ changes }) => changes.length > 0)
  await run.journal.keep(planned(changing, hosts))
  const names = new Set(changing.map(({ host }) => host))
  const changed = hosts.flatMap(({ host }) => (names.has(host.name) ? [host] : []))
  const shown = confirm === undefined ? [] : renderQuestion(report, noPaint)
  const transaction = await transact(participants, {
    ...run,
    patience: opener.patience * 1000,
    lease,
    object: async (signal) => {
      if (changed.length === 0) return []
      proof = await proveChange({ hosts: changed, shown, probes, opener, confirm }, run, signal)
      return proof.objections
    },
    decide: () => decide(run),
  })
  run.journal.note(settled(transaction, names))
  return { transaction, probes: proof.probes, asked: proof.asked }
}

function participant({ host, link, examined }: ExaminedHost, opener: Opener): Participant[] {
  if (!link || !examined || examined.plan.kind === 'refused') return []
  const { state, intent, plan } = examined
  return [
    {
      host: host.name,
      agent: link.agent,
      before: state,
      intent,
      changes: plan.changes,
      reopen: () => reopen(host, opener),
    },
  ]
}
