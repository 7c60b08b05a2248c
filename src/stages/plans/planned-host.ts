import { plainChange } from '../../journal/recorded-change.ts'
import type { ExaminedHost } from '../examine.ts'
import { plainIntent } from '../transacting/journal-events.ts'
import type { SavedPlan } from './plan-file.ts'
import { stateHashes } from './state-hashes.ts'

type PlanOfHost = Omit<SavedPlan['plans'][number], 'hosts'> & {
  readonly host: SavedPlan['plans'][number]['hosts'][number]
}

/** What a plan says of one host; undefined if there is no plan for it. */
export function plannedHost({ host, examined }: ExaminedHost): PlanOfHost | undefined {
  if (examined?.plan.kind !== 'planned') return undefined
  const { state, intent, plan } = examined
  const { name, address } = host
  // As a reader of the file gets them.
  const read = (value: object) => JSON.parse(JSON.stringify(value))
  return {
    host: { name, address, state: stateHashes(state, intent) },
    intent: read(plainIntent(intent)),
    changes: read(plan.changes.map(plainChange).map(withoutCounters)),
  }
}

/** Counters of the table go on while a plan waits for its approval. */
function withoutCounters(change: ReturnType<typeof plainChange>): typeof change {
  if (change.kind !== 'table') return change
  const bare = (text: string | null): string | null =>
    text === null ? null : text.replace(/\bpackets \d+ bytes \d+/g, 'packets 0 bytes 0')
  return { ...change, before: bare(change.before), after: bare(change.after) }
}
