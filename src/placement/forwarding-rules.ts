import type { Rule } from '../iptables/rule.ts'
import type { Ruleset, Table } from '../iptables/ruleset.ts'
import { onceFor } from '../memory/once-for.ts'
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
  return atOnce(forwardingChainsInPieces(ruleset, table)).flat()
}

/** The same by chain, some chains a piece. Hosts that have a chain in common have its list in common. */
export function* forwardingChainsInPieces(
  { tables }: Ruleset,
  table: string,
): InPieces<readonly (readonly Rule[])[]> {
  const chains = tables.get(table)
  if (!chains) return []
  const last = known.get(chains)
  if (last) return last
  const found: (readonly Rule[])[] = []
  for (const hook of hooks[table] ?? []) found.push(...(yield* chainsBelow(chains, hook)))
  known.set(chains, found)
  return found
}

const known = new WeakMap<Table, readonly (readonly Rule[])[]>()
const chainsAPiece = 200

/** The rules of a chain, and of all chains that it leads to, each chain once. */
function* chainsBelow(chains: Table, first: string): InPieces<(readonly Rule[])[]> {
  const names = new Set([first])
  const found: (readonly Rule[])[] = []
  for (const name of names) {
    if (found.length % chainsAPiece === 0) yield
    const rules = chains.get(name)?.rules
    if (!rules) continue
    found.push(rules)
    for (const target of targetsOf(rules)) if (chains.has(target)) names.add(target)
  }
  return found
}

/** The names of the targets of some rules, each once. */
export const targetsOf = onceFor((rules: readonly Rule[]): readonly string[] => [
  ...new Set(rules.flatMap(({ target }) => target?.name ?? [])),
])
