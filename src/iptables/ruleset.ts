import { parseRule, type Rule } from './rule.ts'

/**
 * A chain: a policy if it is built in, and its rules in order. Rule n of iptables is `rules[n - 1]`. `lines` are the
 * rules as printed; they are parsed only when `rules` is read, because a node has thousands and few matter.
 */
export interface Chain {
  readonly name: string
  readonly policy: string | undefined
  readonly lines: readonly string[]
  readonly rules: readonly Rule[]
}

/** What `iptables-save` prints: tables by name, each with chains by name; `notes` are lines that are neither. */
export interface Ruleset {
  readonly tables: ReadonlyMap<string, ReadonlyMap<string, Chain>>
  readonly notes: readonly string[]
}

/** Reads the output of `iptables-save`, of all tables or one, with counters or without. */
export function parseRuleset(text: string): Ruleset {
  const tables = new Map<string, Map<string, Chain & { lines: string[] }>>()
  const notes: string[] = []
  let table: Map<string, Chain & { lines: string[] }> | undefined
  for (const line of text.split('\n')) {
    if (line === '' || line === 'COMMIT' || /^# (Generated|Completed)/.test(line)) continue
    const name = /^\*(\S+)$/.exec(line)?.[1]
    const [, declared, policy] = /^:(\S+) (\S+)/.exec(line) ?? []
    const chain = /^(?:\[\d+:\d+\] )?-A (\S+)/.exec(line)?.[1]
    if (name) {
      table = new Map()
      tables.set(name, table)
    } else if (table && declared) {
      table.set(declared, makeChain(declared, policy === '-' ? undefined : policy))
    } else if (chain && table?.has(chain)) {
      table.get(chain)?.lines.push(line)
    } else {
      notes.push(line)
    }
  }
  return { tables, notes }
}

function makeChain(name: string, policy: string | undefined): Chain & { lines: string[] } {
  let parsed: readonly Rule[] | undefined
  const lines: string[] = []
  return {
    name,
    policy,
    lines,
    get rules() {
      parsed ??= lines.flatMap((line) => parseRule(line) ?? [])
      return parsed
    },
  }
}

/** The rules of a chain, in order; none if there is no such chain or table. */
export function rulesOf(ruleset: Ruleset, table: string, chain: string): readonly Rule[] {
  return ruleset.tables.get(table)?.get(chain)?.rules ?? []
}
