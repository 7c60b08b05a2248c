import type { Intent } from '../../../guard/intent.ts'
import type { NewEvent } from '../../../journal/event.ts'
import { plainChange } from '../../../journal/recorded-change.ts'
import type { Change } from '../../../plan/change.ts'
import type { Run } from '../../../runs/run.ts'
import { groupHosts } from '../../../text/host-list.ts'
import { shortKey } from '../../../text/short-key.ts'
import type { TransactionResult } from '../../../transaction/outcome.ts'
import type { ExaminedHost } from '../../examine.ts'

/** The event that says what a transaction will change, and on which hosts. Hosts with equal changes share one plan, however many packets each has counted. */
export function planned(hosts: readonly ExaminedHost[]): NewEvent {
  const told = hosts.flatMap(({ host: { name, address }, examined }) => {
    if (examined?.plan.kind !== 'planned') return []
    const { intent, plan } = examined
    const changes = plainChanges(plan.changes)
    return [{ host: { name, address }, plan: { changes, intent: plainIntent(intent) } }]
  })
  const plans = [...groupHosts(told, ({ plan }) => shortKey(plan)).values()].flatMap((group) =>
    group[0] ? [{ hosts: group.map(({ host }) => host), ...group[0].plan }] : [],
  )
  return { kind: 'planned', plans }
}

/** Changes as plain JSON, without the counters of the table: they are of that host alone, and go on while a plan waits for its approval. */
export function plainChanges(changes: readonly Change[]) {
  return changes.map(plainChange).map(withoutCounters)
}

function withoutCounters(change: ReturnType<typeof plainChange>): typeof change {
  if (change.kind !== 'table') return change
  const bare = (text: string | null): string | null =>
    text === null ? null : text.replace(/\bpackets \d+ bytes \d+/g, 'packets 0 bytes 0')
  return { ...change, before: bare(change.before), after: bare(change.after) }
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
  { journal, emit, signal }: Run,
  { held }: { readonly held: boolean },
): Promise<void> {
  try {
    await journal.keep({ kind: 'decided', ...(held && journal.number()) })
  } catch (error) {
    journal.note({ kind: 'undecided' })
    throw error
  }
  emit({ kind: 'decided' })
  // It was being written, so what the interruption has said is not true.
  if (held && signal.aborted) emit({ kind: 'warning', message: tooLate })
}

const tooLate =
  'Ctrl-C came too late: fw-run had already begun to keep the change. All hosts will keep it. Wait until fw-run ends.'

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
