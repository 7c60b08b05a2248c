import type { Rule } from '../iptables/rule.ts'
import type { Chain, Ruleset } from '../iptables/ruleset.ts'
import { atOnce, type InPieces } from '../waiting/pieces.ts'

/** The built-in chains that a packet comes through until FORWARD of filter has decided on it. */
const hooks: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING'],
  mangle: ['PREROUTING', 'FORWARD'],
  nat: ['PREROUTING'],
  filter: ['FORWARD'],
}

/** Every rule of a table that a forwarded packet may come to. */
export function forwardingRules(ruleset: Ruleset, table: string): readonly Rule[] {
  return atOnce(forwardingRulesInPieces(ruleset, table))
}

/** The same, a chain a piece. */
export function* forwardingRulesInPieces(
  { tables }: Ruleset,
  table: string,
): InPieces<readonly Rule[]> {
  const found: Rule[][] = []
  for (const chain of hooks[table] ?? []) found.push(yield* rulesBelow(tables.get(table), chain))
  return found.flat()
}

/** The rules of a chain, and of all chains that it leads to, each chain once. */
function* rulesBelow(
  chains: ReadonlyMap<string, Chain> | undefined,
  first: string,
): InPieces<Rule[]> {
  const names = new Set([first])
  const found: Rule[] = []
  for (const name of names) {
    yield
    for (const rule of chains?.get(name)?.rules ?? []) {
      found.push(rule)
      if (rule.target && chains?.has(rule.target.name)) names.add(rule.target.name)
    }
  }
  return found
}
