import { mergeRanges, parseDualRange } from '../ip/dual-ranges.ts'
import type { Counters } from '../iptables/rule.ts'

/** A table of nft as it stands on a host. */
export interface NftTable {
  /** Its text between the braces, as nft prints it. */
  readonly text: string
  readonly chains: readonly NftChain[]
}

/** A chain of a table. What stands outside of chains is in a chain without a name, so that it counts as well. */
export interface NftChain {
  readonly name: string
  readonly rules: readonly NftRule[]
}

/** A rule as printed, without the numbers of its counter. `words` are equal for equal rules, whatever version of nft printed them. */
export interface NftRule {
  readonly text: string
  readonly words: string
  readonly counters: Counters | undefined
}

/** Reads what `nft list table inet NAME` prints; undefined if it is no table. */
export function parseTable(printed: string): NftTable | undefined {
  const lines = printed.trim().split('\n')
  if (!/^table inet \w+ \{$/.test(lines[0] ?? '') || lines.at(-1) !== '}') return undefined
  const text = lines.slice(1, -1).join('\n')
  return { text, chains: chainsOf(text) }
}

/** Whether a table does what a text says. */
export function doesSame({ chains }: NftTable, text: string): boolean {
  return meaning(chains) === meaning(chainsOf(text))
}

function meaning(chains: readonly NftChain[]): string {
  return JSON.stringify(chains.map(({ name, rules }) => [name, ...rules.map(({ words }) => words)]))
}

/** The chains of a table's text between the braces. */
export function chainsOf(text: string): readonly NftChain[] {
  const outside = { name: '', rules: [] as NftRule[] }
  const chains: (typeof outside)[] = []
  let open = outside
  for (const line of statements(text)) {
    const name = /^chain (\S+) \{$/.exec(line)?.[1]
    if (name !== undefined) {
      open = { name, rules: [] }
      chains.push(open)
    } else if (line === '}') open = outside
    else open.rules.push(...line.split(/;\s*/).filter(Boolean).map(parseRule))
  }
  return outside.rules.length > 0 ? [...chains, outside] : chains
}

function parseRule(line: string): NftRule {
  const [, packets, bytes] = counter.exec(line) ?? []
  const counters =
    packets === undefined || bytes === undefined
      ? undefined
      : { packets: BigInt(packets), bytes: BigInt(bytes) }
  const text = line.replace(counter, 'counter')
  return { text, words: canonicalWords(text), counters }
}

const counter = /\bcounter packets (\d{1,20}) bytes (\d{1,20})\b/

/** The lines of a text; one line where a set goes on over several. */
function statements(text: string): readonly string[] {
  const found: string[] = []
  let parts: string[] = []
  let depth = 0
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (line === '') continue
    const opensBlock = depth === 0 && line.endsWith('{') && /^(chain|set|map|counter) /.test(line)
    if (opensBlock || (depth === 0 && line === '}')) {
      found.push(line)
      continue
    }
    for (const character of line) depth += character === '{' ? 1 : character === '}' ? -1 : 0
    parts.push(line)
    if (depth > 0) continue
    depth = 0
    found.push(parts.join(' '))
    parts = []
  }
  return parts.length > 0 ? [...found, parts.join(' ')] : found
}

/** What one version of nft prints and another does not, in one spelling. */
function canonicalWords(line: string): string {
  return line
    .replace(/\bpriority mangle - 5\b/, 'priority -155')
    .replace(/\breject with icmpx (type )?port-unreachable\b/, 'reject')
    .replace(
      /\bct state \{ ([\w, ]+) \}/,
      (_, states: string) => `ct state ${states.replaceAll(' ', '')}`,
    )
    .replace(
      /\b(iifname|daddr|saddr)( !=)? (\{[^{}]*\}|[^\s{}]+)/g,
      (_, key, not = '', elements) => `${key}${not} ${canonicalSet(elements)}`,
    )
}

/** A set in one spelling: names in order, and the ranges that addresses and networks cover together. */
function canonicalSet(text: string): string {
  const elements = text
    .replace(/^\{|\}$/g, '')
    .split(',')
    .map((element) => element.trim())
  const ranges = elements.map(parseDualRange)
  const covered = ranges.every((range) => range !== undefined)
    ? mergeRanges(ranges).map(({ first, last }) => `${first}-${last}`)
    : elements.sort()
  return `{ ${covered.join(', ')} }`
}
