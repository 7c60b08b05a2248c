import { asideChain, guardChain } from '../agent/names.ts'
import type { HostState } from '../facts/state.ts'
import { knownBits } from '../flow/bits.ts'
import { makePacket } from '../flow/packet.ts'
import { walk } from '../flow/walk.ts'
import type { Family } from '../ip/dual.ts'
import { makeRule, matchOption, type Rule } from '../iptables/rule.ts'
import { type Chain, type Ruleset, rulesOf } from '../iptables/ruleset.ts'
import { type ChainState, isCovered } from './mangle-chain.ts'
import type { PlacedRule } from './placed-rule.ts'

/**
 * Our chain of a family as it stands on a host; undefined where there is none, nor a rule that leads to it. Where a change was
 * broken off, packets pass the whole chain aside, so its rules count.
 */
export function chainOf({ mangle }: HostState, family: Family): ChainState | undefined {
  const ruleset = mangle?.[family]
  const chains = ruleset?.tables.get('mangle')
  const rules = chains?.get(guardChain)?.rules
  if (!ruleset || !rules) return undefined
  const aside = isCovered(rules) ? (chains?.get(asideChain)?.rules ?? []) : undefined
  const passed = aside?.map((rule) => ({
    ...makeRule(guardChain, rule.words),
    counters: rule.counters,
  }))
  return { rules: passed ?? rules, jumps: jumpsIn(ruleset) }
}

function jumpsIn(ruleset: Ruleset): readonly PlacedRule[] {
  return rulesOf(ruleset, 'mangle', 'PREROUTING').flatMap((rule, index) =>
    rule.target?.name === guardChain ? [{ position: index + 1, rule }] : [],
  )
}

/** The sources that the rules of our chain let return, as it stands on a host: members, and networks of bare pods. */
export function admittedByChain(
  { sets }: HostState,
  { rules }: Pick<ChainState, 'rules'>,
): readonly string[] {
  return rules
    .filter(({ target }) => target?.name === 'RETURN')
    .flatMap((rule) => [
      ...(sets.get(matchOption(rule, 'set', 'match-set')?.values[0] ?? '')?.members ?? []),
      ...rule.matches.flatMap((match) => (match.kind === 'source' ? [match.cidr] : [])),
    ])
}

/**
 * The rule before a jump to our chain by which an outsider's new packet may pass it; undefined if none can. Raw comes
 * first, because it may mark packets. Nothing else is before our chain.
 */
export function bypass(
  { mangle, sets }: HostState,
  family: Family,
  jump: PlacedRule,
  closed: readonly string[],
): Rule | undefined {
  const ruleset = mangle?.[family]
  if (!ruleset) return undefined
  const [arrival] = jump.rule.matches
  const world = { sets, localAddresses: [] }
  const before = upTo(ruleset, jump.position)
  // Walks know no addresses of IPv6: there any may be meant.
  for (const destination of family === 4 ? closed : [undefined]) {
    const packet = makePacket({
      in: arrival?.kind === 'in' ? arrival.interface : undefined,
      ...{ out: '', destination, state: 'NEW', direction: 'ORIGINAL' },
      ...{ snat: false, dnat: false, mark: knownBits(0), connmark: knownBits(0) },
    })
    const marked = walk(ruleset, 'raw', 'PREROUTING', packet, world).packet
    const passing = walk(before, 'mangle', 'PREROUTING', marked, world).verdicts.find(
      ({ verdict }) => verdict.kind !== 'drop',
    )
    if (passing) return passing.path.at(-1)?.rule ?? jump.rule
  }
  return undefined
}

/** A ruleset whose mangle PREROUTING ends before a position, and drops what comes to its end. */
function upTo(ruleset: Ruleset, position: number): Ruleset {
  const mangle: ReadonlyMap<string, Chain> = ruleset.tables.get('mangle') ?? new Map()
  const first = mangle.get('PREROUTING')
  if (!first) return ruleset
  const rules = first.rules.slice(0, position - 1)
  const chains = new Map([...mangle, ['PREROUTING', { ...first, rules, policy: 'DROP' }]])
  return { ...ruleset, tables: new Map([...ruleset.tables, ['mangle', chains]]) }
}
