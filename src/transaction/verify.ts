import { bootProgram, bootService } from '../agent/names.ts'
import { type HostState, readStateInPieces } from '../facts/state.ts'
import { isGuard } from '../guard/forward-rule.ts'
import { rulesOf } from '../iptables/ruleset.ts'
import { preparePosition } from '../placement/placement.ts'
import type { Change } from '../plan/change.ts'
import { planHost } from '../plan/plan.ts'
import type { InPieces } from '../waiting/pieces.ts'
import type { HostFault } from './outcome.ts'
import type { Participant } from './participant.ts'

/** What is wrong with a host that should be as planned. */
export type Flaw = Pick<HostFault, 'kind' | 'reason'>

/**
 * Compares a changed host, as its answer shows it, with its plan: it plans again, and a change that would still be needed is
 * a flaw. A flaw is `stale` if another program changed FORWARD meanwhile, because planning again may mend it. If only our rule is
 * not where fw-run put it, another program wrote as well: taking a rule out and putting it back leaves no other trace.
 */
export function* verify(
  participant: Participant,
  answer: Parameters<typeof readStateInPieces>[0],
): InPieces<Flaw | undefined> {
  const { before, intent } = participant
  const state = yield* readStateInPieces(answer)
  if (state.kind === 'unreadable') return { kind: 'failed', reason: state.reason }
  const now = withOtherTables(state.value, before)
  if (intent.kind === 'forward') yield* preparePosition(now, intent)
  const plan = planHost(now, intent)
  if (plan.kind === 'planned' && plan.changes.length === 0) return undefined
  if (othersWrote(participant, state.value)) {
    return { kind: 'stale', reason: 'another program changed the FORWARD chain at the same time' }
  }
  if (plan.kind === 'refused') return { kind: 'failed', reason: plan.reason }
  const wrong = plan.changes.map(({ kind }) => kind)
  if (wrong.includes('table') && intent.kind === 'nft' && !state.value.table) {
    return {
      kind: 'stale',
      reason: 'the table of fw-run is gone: another program may have deleted it',
    }
  }
  if (wrong.every((kind) => kind === 'rules')) {
    const reason =
      'the rule of fw-run is not as planned: another program may have moved, deleted or restored it'
    return { kind: 'stale', reason }
  }
  if (wrong.every((kind) => kind === 'chain')) {
    const reason =
      'the chain of fw-run is not as planned: another program may have changed, deleted or restored it'
    return { kind: 'stale', reason }
  }
  const what = [...new Set(wrong)].map((kind) => nouns[kind])
  const be = what.length === 1 && wrong[0] !== 'boot' ? 'is' : 'are'
  return {
    kind: 'failed',
    reason: `${what.join(' and ')} ${be} not as planned: another program may have made changes at the same time`,
  }
}

const nouns: Readonly<Record<Change['kind'], string>> = {
  set: 'the set',
  rules: 'the rule of fw-run',
  table: 'table inet fw_run',
  chain: 'chain FW-RUN',
  boot: `the boot files ${bootProgram} and ${bootService}`,
}

/** Whether the rules of others in FORWARD are not as they were when the host was planned. A guard before routing does not depend on them. */
export function othersWrote({ before, intent }: Participant, after: HostState): boolean {
  if (intent.kind === 'nft' || intent.kind === 'mangle') return false
  return foreignRules(before, intent.set) !== foreignRules(after, intent.set)
}

/** An answer brings the filter table alone. Other tables, which may use the set, are taken as they were read before. */
function withOtherTables(after: HostState, before: HostState): HostState {
  const tables = new Map([...before.ruleset.tables, ...after.ruleset.tables])
  const leftOut = [...(before.leftOut ?? []), ...(after.leftOut ?? [])]
  return {
    ...after,
    ruleset: { ...after.ruleset, tables },
    leftOut,
    mangle: withRaw(after, before),
  }
}

/** Nor does it bring the table raw, which comes before our chain. */
function withRaw({ mangle: now }: HostState, { mangle: then }: HostState): HostState['mangle'] {
  if (!now) return now
  const both = ([4, 6] as const).flatMap((family) => {
    const ruleset = now[family]
    if (!ruleset) return []
    const tables = new Map([...(then?.[family]?.tables ?? []), ...ruleset.tables])
    return [[family, { ...ruleset, tables }] as const]
  })
  return Object.fromEntries(both)
}

function foreignRules({ ruleset }: HostState, set: string): string {
  const rules = rulesOf(ruleset, 'filter', 'FORWARD').filter((rule) => !isGuard(rule, set))
  return rules.map(({ raw }) => raw).join('\n')
}
