import type { Emit } from '../events.ts'
import type { Intent } from '../guard/intent.ts'
import type { NewEvent } from '../journal/event.ts'
import type { Journal } from '../journal/journal.ts'
import { plainChange } from '../journal/recorded-change.ts'
import { groupHosts } from '../report/host-list.ts'
import type { TransactionResult } from '../transaction/outcome.ts'
import type { ExaminedHost } from './examine.ts'

/** What a transaction is about to change, and where. */
export function planned(hosts: readonly ExaminedHost[]): NewEvent {
  const told = hosts.flatMap(({ host: { name, address }, examined }) => {
    if (examined?.plan.kind !== 'planned') return []
    const { intent, plan } = examined
    const changes = plan.changes.map(plainChange)
    return [{ host: { name, address }, plan: { changes, intent: plainIntent(intent) } }]
  })
  const plans = [...groupHosts(told, ({ plan }) => JSON.stringify(plan)).values()].flatMap(
    (group) => (group[0] ? [{ hosts: group.map(({ host }) => host), ...group[0].plan }] : []),
  )
  return { kind: 'planned', plans }
}

function plainIntent(intent: Intent) {
  if (intent.kind === 'remove') return intent
  const { network: _, published, ...rest } = intent
  return { ...rest, published: published ?? null }
}

/** Puts the decision on the disk; rejects if it cannot be said for sure that it is there, and takes it back. */
export async function decide({ journal }: { readonly journal: Journal }): Promise<void> {
  try {
    await journal.keep({ kind: 'decided' })
  } catch (error) {
    journal.note({ kind: 'undecided' })
    throw error
  }
}

/** How those hosts of a transaction came out that it was to change, and what was objected to the change. */
export function outcomes(result: TransactionResult, changed: ReadonlySet<string>): NewEvent {
  const hosts = result.hosts
    .filter(({ host }) => changed.has(host))
    .map(({ host, outcome, fault }) => ({ host, outcome, ...(fault && { fault }) }))
  return { kind: 'outcomes', hosts, objections: result.objections }
}

/** Passes events on, and notes what became of each host on its way. */
export function noting(journal: Journal, emit: Emit): Emit {
  return (event) => {
    emit(event)
    if (event.kind !== 'host-done') return
    const { phase, host, ok, detail } = event
    // That a host was reached or found ready is what every run has many times.
    if (ok && (phase === 'connect' || phase === 'preflight')) return
    journal.note({ kind: 'step', phase, host, ok, ...(detail !== undefined && { detail }) })
  }
}
