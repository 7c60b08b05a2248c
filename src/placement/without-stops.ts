import type { Rule } from '../iptables/rule.ts'
import type { Chain, Ruleset, Table } from '../iptables/ruleset.ts'
import { onceFor } from '../memory/once-for.ts'

/** The rules as if none of them, and no policy, stopped packets. Each rule keeps its number. */
export function withoutStops(ruleset: Ruleset): Ruleset {
  const tables = [...ruleset.tables].map(([name, table]) => [name, passing(table)] as const)
  return { ...ruleset, tables: new Map(tables) }
}

/** Hosts have most tables alike. */
const passing = onceFor(
  (table: Table): Table => new Map([...table].map(([name, chain]) => [name, chainWithout(chain)])),
)

function chainWithout(chain: Chain): Chain {
  const policy = chain.policy && 'ACCEPT'
  if (policy === chain.policy && !chain.rules.some(stops)) return chain
  const rules = chain.rules.map((rule) => (stops(rule) ? { ...rule, target: undefined } : rule))
  return { ...chain, policy, rules }
}

function stops({ target }: Rule): boolean {
  return target?.name === 'DROP' || target?.name === 'REJECT'
}
