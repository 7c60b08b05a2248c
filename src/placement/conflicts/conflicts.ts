import { matches } from '../../flow/matching.ts'
import { type PositionRange, positionRanges, rangeAt } from '../../flow/positions.ts'
import { someOf, type Ternary } from '../../flow/ternary.ts'
import type { Rule } from '../../iptables/rule.ts'
import { type Ruleset, rulesOf } from '../../iptables/ruleset.ts'
import { atOnce, type InPieces } from '../../waiting/pieces.ts'
import type { Flow } from '../flows/flow.ts'

/** A flow that our rule would treat wrongly at a position: one that it must stop gets past it, or it stops one to keep. */
export interface Conflict {
  readonly flow: Flow
  /** The earlier rule that accepts a flow to be stopped; undefined if our own rule lets it pass or stops it. */
  readonly rule: Rule | undefined
  /** Whether this surely happens; else it depends on something that cannot be evaluated here. */
  readonly certain: boolean
  /** What must happen first, as `after docker has restarted`; unset if it is so now. */
  readonly when?: string
}

/**
 * The conflicts at each position of FORWARD: item n - 1 is for position n, and the last item for the end of the chain. Of
 * flows with one title, only the first is listed. A position without conflicts is good.
 */
export type Conflicts = readonly (readonly Conflict[])[]

/**
 * Finds the conflicts of some flows with our rules at every position, in one walk for each flow. The ruleset must be
 * without our rules.
 */
export function conflicts(
  ruleset: Ruleset,
  flows: readonly Flow[],
  ours: readonly Rule[],
): Conflicts {
  return atOnce(conflictsInPieces(ruleset, flows, ours))
}

/** The same, a flow a piece. */
export function* conflictsInPieces(
  ruleset: Ruleset,
  flows: readonly Flow[],
  ours: readonly Rule[],
): InPieces<Conflicts> {
  const count = rulesOf(ruleset, 'filter', 'FORWARD').length + 1
  const rows = new Map<string, Row>()
  for (const flow of flows) {
    yield
    const title = flow.invented ? `${flow.title}, invented` : flow.title
    for (const range of positionRanges(ruleset, 'filter', 'FORWARD', flow.packet, flow.world)) {
      const conflict = conflictIn(range, flow, ours)
      if (!conflict) continue
      const row = rows.get(title) ?? emptyRow(count)
      rows.set(title, row)
      fill(row, range.first - 1, range.last, conflict)
    }
  }
  const found: Conflict[][] = Array.from({ length: count }, () => [])
  for (const { first } of rows.values()) {
    for (let at = 0; at < count; at++) {
      const conflict = first[at]
      if (conflict) found[at]?.push(conflict)
    }
  }
  return found
}

/** The first conflict of some flows with our rules at one position; undefined if it is good for all of them. */
export function conflictAt(
  ruleset: Ruleset,
  flows: readonly Flow[],
  ours: readonly Rule[],
  position: number,
): Conflict | undefined {
  for (const flow of flows) {
    const ranges = positionRanges(ruleset, 'filter', 'FORWARD', flow.packet, flow.world)
    const range = rangeAt(ranges, position)
    const conflict = range && conflictIn(range, flow, ours)
    if (conflict) return conflict
  }
  return undefined
}

function conflictIn(range: PositionRange, flow: Flow, ours: readonly Rule[]): Conflict | undefined {
  const hit = someOf(ours, (rule) => matches(rule, range.packet, range.world))
  return flow.aim === 'stop' ? leak(flow, range, hit) : cut(flow, range.reached, hit)
}

/** The first conflict at each position. `next` leads to the next position that has none yet, so that each is set once. */
interface Row {
  readonly first: (Conflict | undefined)[]
  readonly next: Uint32Array
}

function emptyRow(count: number): Row {
  const next = new Uint32Array(count + 1)
  for (let at = 0; at <= count; at++) next[at] = at
  return { first: new Array<undefined>(count).fill(undefined), next }
}

/** Sets a conflict from one position up to another wherever there is none yet. */
function fill({ first, next }: Row, from: number, end: number, conflict: Conflict): void {
  for (let at = nextFree(next, from); at < end; at = nextFree(next, at)) {
    first[at] = conflict
    next[at] = at + 1
  }
}

/** Follows `next`, and shortens the way for those who come later. */
function nextFree(next: Uint32Array, from: number): number {
  let free = from
  while (next[free] !== undefined && next[free] !== free) free = next[free] ?? free
  for (let at = from; at !== free; ) {
    const to = next[at] ?? free
    next[at] = free
    at = to
  }
  return free
}

/** An outsider may have been accepted by an earlier rule, or our rule may let it pass. */
function leak(
  flow: Flow,
  { letThrough, allLetThrough, reached }: PositionRange,
  hit: Ternary,
): Conflict | undefined {
  if (letThrough) {
    const certain = reached === 'no' && allLetThrough
    return { flow, rule: letThrough.path.at(-1)?.rule, certain }
  }
  return reached !== 'no' && hit !== 'yes' ? { flow, rule: undefined, certain: false } : undefined
}

/** Our rule may stop legitimate traffic that comes to it. */
function cut(flow: Flow, reached: Ternary, hit: Ternary): Conflict | undefined {
  if (reached === 'no' || hit === 'no') return undefined
  return { flow, rule: undefined, certain: reached === 'yes' && hit === 'yes' }
}
