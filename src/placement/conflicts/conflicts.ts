import { matches } from '../../flow/matching.ts'
import { positionRanges } from '../../flow/positions.ts'
import type { PossibleVerdict } from '../../flow/verdict.ts'
import type { Rule } from '../../iptables/rule.ts'
import { type Ruleset, rulesOf } from '../../iptables/ruleset.ts'
import type { Flow } from '../flows/flow.ts'

/** What speaks against a place: a flow, and, for one that must be stopped, the rule before that lets it pass. */
export interface Conflict {
  readonly flow: Flow
  readonly rule: Rule | undefined
  /** Whether it is certain, or hangs on a condition that cannot be told. */
  readonly certain: boolean
  /** What must happen before, if it is not so yet. */
  readonly when?: string
}

/**
 * For each place in FORWARD, from 1 to the number of rules and one, what speaks against it, of flows of one title the
 * first; a good one has nothing.
 */
export type Conflicts = readonly (readonly Conflict[])[]

/**
 * Walks every flow past every place of FORWARD, each in one pass, and asks at each whether our rules there would stop it.
 * The ruleset must be without rules of ours.
 */
export function conflicts(
  ruleset: Ruleset,
  flows: readonly Flow[],
  ours: readonly Rule[],
): Conflicts {
  const count = rulesOf(ruleset, 'filter', 'FORWARD').length + 1
  const rows = new Map<string, (Conflict | undefined)[]>()
  for (const flow of flows) {
    const title = flow.imagined ? `${flow.title}, imagined` : flow.title
    for (const place of positionRanges(ruleset, 'filter', 'FORWARD', flow.packet, flow.world)) {
      const hits = ours.map((rule) => matches(rule, place.packet, place.world))
      const hit = hits.includes('yes') ? 'yes' : hits.includes('maybe') ? 'maybe' : 'no'
      const objection =
        flow.aim === 'stop'
          ? leak(
              flow,
              place.before,
              place.reached !== 'no' && hit !== 'yes',
              place.reached === 'no',
            )
          : cut(flow, place.reached, hit)
      if (!objection) continue
      const row = rows.get(title) ?? Array.from({ length: count }, () => undefined)
      rows.set(title, row)
      for (let at = place.first - 1; at < place.last; at++) row[at] ??= objection
    }
  }
  return Array.from({ length: count }, (_, at) =>
    [...rows.values()].flatMap((row) => row[at] ?? []),
  )
}

/** An outsider may have been let through before, or may come past our rule. */
function leak(
  flow: Flow,
  before: readonly PossibleVerdict[],
  passes: boolean,
  decided: boolean,
): Conflict | undefined {
  const through = before.filter(
    ({ verdict }) => verdict.kind === 'accept' || verdict.kind === 'unknown',
  )
  const first = through[0]
  if (first) {
    const certain = decided && through.length === before.length
    return { flow, rule: first.path.at(-1)?.rule, certain }
  }
  return passes ? { flow, rule: undefined, certain: false } : undefined
}

/** Legitimate traffic that may come to our rule may be stopped there. */
function cut(flow: Flow, reached: string, hit: string): Conflict | undefined {
  if (reached === 'no' || hit === 'no') return undefined
  return { flow, rule: undefined, certain: reached === 'yes' && hit === 'yes' }
}
