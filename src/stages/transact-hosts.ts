import type { TriedProbe } from '../probes/tried-probe.ts'
import { changeBlocks } from '../report/change-blocks.ts'
import type { TransactionResult } from '../transaction/outcome.ts'
import type { Participant } from '../transaction/participant.ts'
import { transact } from '../transaction/transact.ts'
import type { ExaminedHost } from './examine.ts'
import { decide, planned, settled } from './journal-events.ts'
import { type Opener, reopen } from './open-hosts.ts'
import { proveChange } from './proof/before-commit.ts'
import type { Run } from './run.ts'
import type { RunSettings } from './settings.ts'

/** How a transaction ended, and how the probes came out in it. */
export interface Transacted {
  readonly transaction: TransactionResult
  readonly probes: readonly TriedProbe[]
}

/**
 * Runs the transaction over all hosts, also those that have nothing to change: they are held until it ends, so that no
 * other run makes them differ from the rest meanwhile. Before it commits, the change is proved.
 */
export async function transactHosts(
  hosts: readonly ExaminedHost[],
  probes: readonly TriedProbe[],
  opener: Opener,
  { confirm, lease, diff }: Pick<RunSettings, 'confirm' | 'lease'> & { readonly diff: boolean },
  run: Run,
): Promise<Transacted> {
  let tried = probes
  const participants = hosts.flatMap((host) => participant(host, opener))
  const changing = participants.filter(({ changes }) => changes.length > 0)
  await run.journal.keep(planned(changing, hosts))
  const names = new Set(changing.map(({ host }) => host))
  const changed = hosts.flatMap(({ host }) => (names.has(host.name) ? [host] : []))
  const shown = changeBlocks(changing, diff)
  const transaction = await transact(participants, {
    ...run,
    patience: opener.patience * 1000,
    lease,
    object: async (signal) => {
      if (changed.length === 0) return []
      const proof = await proveChange(
        { hosts: changed, shown, probes, opener, confirm },
        run,
        signal,
      )
      tried = proof.probes
      return proof.objections
    },
    decide: () => decide(run),
  })
  run.journal.note(settled(transaction, names))
  return { transaction, probes: tried }
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
