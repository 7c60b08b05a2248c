import type { TransactionResult } from '../transaction/outcome.ts'
import type { Participant } from '../transaction/participant.ts'
import { transact } from '../transaction/transact.ts'
import type { ExaminedHost } from './examine.ts'
import { type Opener, reopen } from './open-hosts.ts'
import type { Run } from './run.ts'

/** Runs the transaction over the hosts that have something to change; the others are not touched. */
export function transactHosts(
  hosts: readonly ExaminedHost[],
  opener: Opener,
  run: Run,
): Promise<TransactionResult> {
  const participants = hosts.flatMap((host) => participant(host, opener))
  return transact(participants, {
    ...run,
    patience: opener.patience * 1000,
    lease: 30,
    object: async () => [],
    decide: async () => {},
  })
}

function participant({ host, link, examined }: ExaminedHost, opener: Opener): Participant[] {
  if (!link || !examined || examined.plan.kind === 'refused') return []
  const { state, intent, plan } = examined
  if (plan.changes.length === 0) return []
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
