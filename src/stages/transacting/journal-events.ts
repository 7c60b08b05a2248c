import type { Intent } from '../../guard/intent.ts'
import type { NewEvent } from '../../journal/event.ts'
import { plainChange } from '../../journal/recorded-change.ts'
import type { Run } from '../../runs/run.ts'
import { groupHosts } from '../../text/host-list.ts'
import { shortKey } from '../../text/short-key.ts'
import type { TransactionResult } from '../../transaction/outcome.ts'
import type { ExaminedHost } from '../examine.ts'

/** The event that says what a transaction will change, and on which hosts. */
export function planned(hosts: readonly ExaminedHost[]): NewEvent {
  const told = hosts.flatMap(({ host: { name, address }, examined }) => {
    if (examined?.plan.kind !== 'planned') return []
    const { intent, plan } = examined
    const changes = plan.changes.map(plainChange)
    return [{ host: { name, address }, plan: { changes, intent: plainIntent(intent) } }]
  })
  const plans = [...groupHosts(told, ({ plan }) => shortKey(plan)).values()].flatMap((group) =>
    group[0] ? [{ hosts: group.map(({ host }) => host), ...group[0].plan }] : [],
  )
  return { kind: 'planned', plans }
}

/** The event that says in which waves hosts are to be changed. */
export function inWavesOf(waves: readonly (readonly string[])[]): NewEvent {
  return { kind: 'waves', waves }
}

/** An intent as plain JSON, without the host's network, which is read again when it matters. */
export function plainIntent(intent: Intent) {
  if (intent.kind === 'remove') return intent
  const { network: _, ...rest } = intent
  return rest.kind !== 'forward' ? rest : { ...rest, published: rest.published ?? null }
}

/** Puts the decision to commit on the disk; rejects, and takes it back, unless it is surely there. It has a number only where hosts are `held`. */
export async function recordDecision(
  { journal, emit }: Run,
  { held }: { readonly held: boolean },
): Promise<void> {
  try {
    await journal.keep({ kind: 'decided', ...(held && journal.number()) })
  } catch (error) {
    journal.note({ kind: 'undecided' })
    throw error
  }
  emit({ kind: 'decided' })
}

/** Writes down how the hosts that were to be changed came out of a transaction, and the objections to the change. */
export function recordOutcomes(
  { hosts, objections }: TransactionResult,
  changed: ReadonlySet<string>,
  { journal }: Run,
): void {
  const outcomes = hosts
    .filter(({ host }) => changed.has(host))
    .map(({ host, outcome, fault }) => ({ host, outcome, ...(fault && { fault }) }))
  journal.note({ kind: 'outcomes', hosts: outcomes, objections })
}
