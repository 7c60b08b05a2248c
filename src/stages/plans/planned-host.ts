import { createHash } from 'node:crypto'
import type { HostState } from '../../facts/state.ts'
import type { Intent } from '../../guard/intent.ts'
import { chainOf } from '../../guard/standing-chain.ts'
import { families } from '../../ip/dual.ts'
import { rulesOf } from '../../iptables/ruleset.ts'
import { plainChange } from '../../journal/recorded-change.ts'
import type { ExaminedHost } from '../examine.ts'
import { plainIntent } from '../transacting/journal-events.ts'
import type { SavedPlan } from './plan-file.ts'

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
    host: { name, address, state: hashes(state, intent) },
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

/** The parts of a state that a change depends on, by the names that a person knows. They are those of the agent's fingerprint. */
function hashes(state: HostState, intent: Intent): Readonly<Record<string, string>> {
  const forward = rulesOf(state.ruleset, 'filter', 'FORWARD').map(({ raw }) => raw)
  const early = intent.kind === 'nft' || intent.kind === 'mangle'
  const naming = (rule: string): boolean => rule.includes(` --match-set ${intent.set} `)
  const set = state.sets.get(intent.set)
  const chains = families.map((family) => {
    const chain = chainOf(state, family)
    return [chain?.rules.map(({ raw }) => raw), chain?.jumps.map(({ rule }) => rule.raw)]
  })
  return {
    FORWARD: hash(early ? forward.filter(naming) : forward),
    [`set ${intent.set}`]: hash(set ? [...set.members].sort() : null),
    'table inet fw_run': hash(
      state.table?.text.replace(/\bpackets \d+ bytes \d+/g, '').replace(/\s+/g, ' ') ?? null,
    ),
    'chain FW-RUN': hash(chains),
    'boot files': hash(state.boot ?? null),
  }
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32)
}
