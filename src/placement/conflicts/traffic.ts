import { matches } from '../../flow/matching.ts'
import type { Packet } from '../../flow/packet.ts'
import { type Position, positions } from '../../flow/positions.ts'
import { type Verdict, verdictOfPolicy } from '../../flow/verdict.ts'
import type { Rule } from '../../iptables/rule.ts'
import type { Ruleset } from '../../iptables/ruleset.ts'
import type { Flow } from '../flows/flow.ts'

/** What becomes of a flow without our rule, and with it at its place, in a word each. */
export interface Traffic {
  readonly title: string
  readonly before: string
  readonly after: string
}

/** The flows of a host before and after, for a person. The ruleset must be without rules of ours. */
export function trafficOf(
  ruleset: Ruleset,
  flows: readonly Flow[],
  ours: readonly Rule[],
  position: number,
): readonly Traffic[] {
  const told = new Map<string, Traffic & { readonly packet: Packet }>()
  const action = ours[0]?.target?.name === 'DROP' ? 'dropped' : 'rejected'
  for (const { title, packet, world } of flows) {
    const places = positions(ruleset, 'filter', 'FORWARD', packet, world)
    const before = fate(ruleset, places.at(-1))
    const place = places[position - 1]
    const stopped =
      place &&
      place.reached !== 'no' &&
      ours.some((rule) => matches(rule, place.packet, place.world) === 'yes')
    // Of hundreds of published ports, one line a kind is enough.
    const shown = title.replace(/published port [^ ,]+/, 'published ports')
    const after = stopped ? action : before
    const key = `${shown} ${before} ${after}`
    if (!told.has(key)) told.set(key, { title: shown, before, after, packet })
  }
  const lines = [...told.values()]
  return lines.map(({ packet, ...line }) => {
    const alike = lines.filter(({ title }) => title === line.title)
    const example = ` (${packet.source} → ${packet.destination})`
    return { ...line, title: alike.length > 1 ? `${line.title}${example}` : line.title }
  })
}

/** What becomes of a packet, told from the end of the chain, where only its policy is left. */
function fate({ tables }: Ruleset, end: Position | undefined): string {
  const policy = tables.get('filter')?.get('FORWARD')?.policy ?? 'ACCEPT'
  const verdicts = [
    ...(end?.before.map(({ verdict }) => verdict) ?? []),
    ...(end?.reached === 'no' ? [] : [verdictOfPolicy(policy)]),
  ]
  const told = new Set(verdicts.map(({ kind }) => words[kind]))
  return (told.size === 1 ? [...told][0] : undefined) ?? 'unsure'
}

const words: Readonly<Partial<Record<Verdict['kind'], string>>> = {
  accept: 'accepted',
  drop: 'dropped',
  reject: 'rejected',
}
