import { matches } from '../../flow/matching.ts'
import type { Packet } from '../../flow/packet.ts'
import { type PositionRange, positionRanges, rangeAt } from '../../flow/positions.ts'
import { type Verdict, verdictOfPolicy } from '../../flow/verdict.ts'
import type { Rule } from '../../iptables/rule.ts'
import type { Ruleset } from '../../iptables/ruleset.ts'
import type { InPieces } from '../../waiting/pieces.ts'
import type { Flow } from '../flows/flow.ts'

/** What happens to a flow without our rule and with it: `accepted`, `dropped`, `rejected` or `unsure`. */
export interface Traffic {
  readonly title: string
  readonly before: string
  readonly after: string
}

/**
 * Sums up what our rules at a position do to some flows: one line for each title and pair of verdicts, before and
 * after. If a title has several lines, each shows an example. The ruleset must be without our rules.
 */
export function* trafficInPieces(
  ruleset: Ruleset,
  flows: readonly Flow[],
  ours: readonly Rule[],
  position: number,
): InPieces<readonly Traffic[]> {
  const found = new Map<string, Traffic & { readonly packet: Packet }>()
  const action = ours[0]?.target?.name === 'DROP' ? 'dropped' : 'rejected'
  for (const { title, port, packet, world } of flows) {
    yield
    const all = positionRanges(ruleset, 'filter', 'FORWARD', packet, world)
    const before = fate(ruleset, all.at(-1))
    const here = rangeAt(all, position)
    const stopped =
      here &&
      here.reached !== 'no' &&
      ours.some((rule) => matches(rule, here.packet, here.world) === 'yes')
    // There may be hundreds of published ports, so they share a line.
    const shown = port === undefined ? title : title.replace(`port ${port}`, 'ports')
    const after = stopped ? action : before
    const key = `${shown} ${before} ${after}`
    if (!found.has(key)) found.set(key, { title: shown, before, after, packet })
  }
  const lines = [...found.values()]
  return lines.map(({ packet, ...line }) => {
    const alike = lines.filter(({ title }) => title === line.title)
    const example = ` (${packet.source} → ${packet.destination})`
    return { ...line, title: alike.length > 1 ? `${line.title}${example}` : line.title }
  })
}

/** What happens to a packet, seen from the end of the chain, where only the policy is left. */
function fate({ tables }: Ruleset, end: PositionRange | undefined): string {
  const policy = tables.get('filter')?.get('FORWARD')?.policy ?? 'ACCEPT'
  const verdicts = [
    ...(end?.before().map(({ verdict }) => verdict) ?? []),
    ...(end?.reached === 'no' ? [] : [verdictOfPolicy(policy)]),
  ]
  const fates = new Set(verdicts.map(({ kind }) => words[kind]))
  return (fates.size === 1 ? [...fates][0] : undefined) ?? 'unsure'
}

const words: Readonly<Partial<Record<Verdict['kind'], string>>> = {
  accept: 'accepted',
  drop: 'dropped',
  reject: 'rejected',
}
