import { parseRule, type Rule } from './rule.ts'

/** A chain: a policy if it is built in, and its rules in order. Rule n of iptables is `rules[n - 1]`. */
export interface Chain {
  readonly name: string
  readonly policy: string | undefined
  readonly rules: readonly Rule[]
}

/** What `iptables-save` prints: tables by name, each with chains by name; `notes` are lines that are neither. */
export interface Ruleset {
  readonly tables: ReadonlyMap<string, ReadonlyMap<string, Chain>>
  readonly notes: readonly string[]
}

/** Reads the output of `iptables-save`, of all tables or one, with counters or without. */
export function parseRuleset(text: string): Ruleset {
  const tables = new Map<string, Map<string, Chain & { rules: Rule[] }>>()
  const notes: string[] = []
  let table: Map<string, Chain & { rules: Rule[] }> | undefined
  for (const line of text.split('\n')) {
    if (line === '' || line === 'COMMIT') continue
    const name = /^\*(\S+)$/.exec(line)?.[1]
    const declared = /^:(\S+) (\S+)/.exec(line)
    const rule = name || declared ? undefined : parseRule(line)
    if (name) {
      table = new Map()
      tables.set(name, table)
    } else if (table && declared?.[1]) {
      const policy = declared[2] === '-' ? undefined : declared[2]
      table.set(declared[1], { name: declared[1], policy, rules: [] })
    } else if (table && rule) {
      table.get(rule.chain)?.rules.push(rule)
    } else {
      notes.push(line)
    }
  }
  return { tables, notes: notes.filter((note) => !/^# (Generated|Completed)/.test(note)) }
}

/** The rules of a chain, in order; none if there is no such chain or table. */
export function rulesOf(ruleset: Ruleset, table: string, chain: string): readonly Rule[] {
  return ruleset.tables.get(table)?.get(chain)?.rules ?? []
}
