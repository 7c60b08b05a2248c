import type { ExaminedHost } from '../../examine.ts'
import { plainChanges, plainIntent } from '../transacting/journal-events.ts'
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
  return {
    host: { name, address, state: stateHashes(state, intent) },
    intent: { ...plainIntent(intent) },
    changes: plainChanges(plan.changes),
  }
}
