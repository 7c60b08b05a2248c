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
    const chain = chainOf(line)
    if (chain !== undefined && table?.has(chain)) {
      table.get(chain)?.lines.push(line)
    } else if (line.startsWith(':') && table) {
      const [name = '', policy] = line.slice(1).split(' ')
      table.set(name, makeChain(name, policy === '-' ? undefined : policy))
    } else if (line.startsWith('*')) {
      table = new Map()
      tables.set(line.slice(1).trim(), table)
    } else if (line !== '' && line !== 'COMMIT' && !/^# (Generated|Completed)/.test(line)) {
      notes.push(line)
    }
  }
  return { tables, notes }
}

/** The chain that a line appends to: `-A CHAIN …`, with or without `[packets:bytes] ` before it. */
function chainOf(line: string): string | undefined {
  const start = line.startsWith('[') ? line.indexOf(' ') + 1 : 0
  if (!line.startsWith('-A ', start)) return undefined
  const end = line.indexOf(' ', start + 3)
  return line.slice(start + 3, end < 0 ? undefined : end)
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
