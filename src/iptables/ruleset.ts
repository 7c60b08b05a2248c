import { maxChainRules, maxChains } from '../limits.ts'
import { quotedLines } from '../text/quoted-lines.ts'
import { atOnce, type InPieces } from '../waiting/pieces.ts'
import { type Source, sharedTable, sharedText, tableBefore } from './alike-chains.ts'
import { parseRule, type Rule } from './rule.ts'
import { countersFault, faultOf } from './unreadable-line.ts'

/**
 * A chain: its policy if it is built in, and its rules in order. Rule n of iptables is `rules[n - 1]`. `lines` are the rules
 * as printed, with counters only where rules of ours may stand: in FORWARD and in the table mangle. They are parsed when
 * `rules` is first read: a node has thousands, and few are needed.
 */
export interface Chain {
  readonly name: string
  readonly policy: string | undefined
  readonly lines: readonly string[]
  readonly rules: readonly Rule[]
}

/** The chains of a table, by name. */
export type Table = ReadonlyMap<string, Chain>

/** What `iptables-save` prints: tables by name, each with its chains by name. */
export interface Ruleset {
  readonly tables: ReadonlyMap<string, Table>
  /** The first line that cannot be read for sure, in words. If there is one, the host may have other rules than these. */
  readonly fault: string | undefined
}

/**
 * Reads the output of `iptables-save`, of all tables or one, with or without counters. A comment may hold line breaks, even
 * lines that look like rules: they belong to the rule of the comment. Lines before and between the tables are left out. What
 * is equal to the text of the same source that was read before is not kept twice.
 */
export function parseRuleset(text: string, source: Source = 'rules'): Ruleset {
  return atOnce(parseRulesetInPieces(text, source))
}

/** The same, some lines a piece. */
export function* parseRulesetInPieces(text: string, source: Source = 'rules'): InPieces<Ruleset> {
  const tables = new Map<string, Table>()
  let table: OpenTable | undefined
  let lines = 0
  for (const { text: line, number, fault } of quotedLines(text, true)) {
    if (++lines % linesAPiece === 0) yield
    const refused = (reason: string, where = ''): Ruleset => ({
      tables,
      fault: `line ${number}${where && ` (${where})`}: ${reason}`,
    })
    const [, opened] = (line.startsWith('*') && /^\*(\S+)$/.exec(line)) || []
    if (fault !== undefined) return refused(fault)
    if (opened !== undefined) {
      if (table) return refused(`table ${table.name} has no end`)
      if (tables.has(opened)) return refused(`table ${opened} comes twice`)
      table = { name: opened, chains: new Map(), before: tableBefore(source, opened) }
      tables.set(opened, table.chains)
    } else if (line === 'COMMIT') {
      if (table) tables.set(table.name, sharedTable(source, table.name, table.chains))
      table = undefined
    } else if (table && !line.startsWith('#')) {
      const found = readInTable(line, table)
      if (found) return refused(found.reason, [`table ${table.name}`, ...found.at].join(', '))
    }
  }
  return { tables, fault: table && `table ${table.name} has no end` }
}

const linesAPiece = 2000

/** The rules of a chain, in order; none if there is no such chain or table. */
export function rulesOf(ruleset: Ruleset, table: string, chain: string): readonly Rule[] {
  return ruleset.tables.get(table)?.get(chain)?.rules ?? []
}

/** A chain whose lines are still read. */
type Building = Chain & { readonly lines: string[] }

/** A table whose chains are still read, and as the host before had it. */
interface OpenTable {
  readonly name: string
  readonly chains: Map<string, Building>
  readonly before: Table | undefined
}

/** Why a line cannot be read for sure; `at` names the rule, if it is one. */
interface LineFault {
  readonly reason: string
  readonly at: readonly string[]
}

/** Adds a line to a table: a chain or a rule. Returns its fault, if it has one. */
function readInTable(
  line: string,
  { name: table, chains, before }: OpenTable,
): LineFault | undefined {
  const fault = (reason: string, ...at: string[]): LineFault => ({ reason, at })
  if (line.startsWith(':')) {
    const [, name, policy] = /^:(\S+) (\S+)(?: \[\d+:\d+\])?$/.exec(line) ?? []
    if (name === undefined || policy === undefined) return fault('this is not a chain')
    if (chains.has(name)) return fault(`chain ${name} comes twice`)
    if (chains.size === maxChains) return fault(`there are more than ${maxChains} chains`)
    const kept = sharedText(name, before?.get(name)?.name)
    chains.set(kept, makeChain(kept, policy === '-' ? undefined : policy))
    return undefined
  }
  const start = line.startsWith('[') ? line.indexOf(' ') + 1 : 0
  if (!line.startsWith('-A ', start)) return fault('this is not a rule')
  const end = line.indexOf(' ', start + 3)
  const name = line.slice(start + 3, end < 0 ? undefined : end)
  const chain = chains.get(name)
  if (!chain) return fault(`this is a rule of chain ${name}, but there is no such chain`)
  if (chain.lines.length === maxChainRules)
    return fault(`chain ${name} has more than ${maxChainRules} rules`)
  const counted = (table === 'filter' && name === 'FORWARD') || table === 'mangle'
  const known = before?.get(name)?.lines[chain.lines.length]
  const kept = sharedText(counted ? line : line.slice(start), known)
  chain.lines.push(kept)
  // What was read before has no fault, as far as it is kept.
  const reason = kept === known ? countersFault(line) : faultOf(line)
  return reason === undefined ? undefined : fault(reason, `rule ${chain.lines.length} of ${name}`)
}

function makeChain(name: string, policy: string | undefined): Building {
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
