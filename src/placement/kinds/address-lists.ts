import type { Match, Rule } from '../../iptables/rule.ts'
import type { InPieces } from '../../waiting/pieces.ts'

/**
 * Merges lists of addresses: rules in a row that differ only in the address on one side become one rule. It matches all
 * of these addresses, because the rules treat them alike. Without this, a list of 5,000 blocked sources would be 5,000
 * kinds.
 *
 * The rules are those of one chain, and hosts that have them in common have the result in common. FORWARD is left as it is, because our rule may come to stand between any two of its rules.
 */
export function* mergeAddressLists(
  table: string,
  rules: readonly Rule[],
  side: 'source' | 'destination',
): InPieces<readonly Rule[]> {
  const known = side === 'source' ? bySource : byDestination
  const last = known.get(rules)
  if (last) return last
  if (rules.every((rule) => addressOf(rule, side) === undefined)) return rules
  const merged: Rule[] = []
  let list: List | undefined
  for (const [index, rule] of rules.entries()) {
    if (index % rulesAPiece === 0) yield
    const entry = table === 'filter' && rule.chain === 'FORWARD' ? undefined : entryOf(rule, side)
    if (list && entry && list.rest === entry.rest && (entry.ends || !list.all.has(entry.cidr))) {
      list.all.add(entry.cidr)
      continue
    }
    if (list) merged.push(ruleFor(list, side))
    list = entry && { ...entry, rule, all: new Set([entry.cidr]) }
    if (!entry) merged.push(rule)
  }
  if (list) merged.push(ruleFor(list, side))
  known.set(rules, merged)
  return merged
}

const bySource = new WeakMap<readonly Rule[], readonly Rule[]>()
const byDestination = new WeakMap<readonly Rule[], readonly Rule[]>()

const rulesAPiece = 1000

/** A rule that may be part of a list. */
interface Entry {
  readonly cidr: string
  /** Its chain and words without the address and the comment. */
  readonly rest: string
  /** Whether a packet that matches it comes to no later rule of the list. */
  readonly ends: boolean
}

interface List extends Entry {
  readonly rule: Rule
  readonly all: Set<string>
}

/** The targets after which no later rule of the chain is asked. */
const ending: ReadonlySet<string> = new Set(['ACCEPT', 'DROP', 'REJECT', 'RETURN'])

/** Under a target that lets packets go on, only single addresses are a list: no packet matches two of them. */
function entryOf(rule: Rule, side: 'source' | 'destination'): Entry | undefined {
  const address = addressOf(rule, side)
  if (address === undefined) return undefined
  const { chain, words, target } = rule
  const cidr = address.replace(/\/32$/, '')
  const ends = ending.has(target?.name ?? '')
  if (!ends && !/^[\d.]+$/.test(cidr)) return undefined
  const flag = side === 'source' ? '-s' : '-d'
  const rest = words.filter(
    (word, i) => words[i - 1] !== '--comment' && !(word === address && words[i - 1] === flag),
  )
  return { cidr, ends, rest: [chain, ...rest].join(' ') }
}

function addressOf({ matches }: Rule, side: 'source' | 'destination'): string | undefined {
  const match = matches.find(({ kind }) => kind === side)
  return match?.kind === side && !match.negated ? match.cidr : undefined
}

function ruleFor({ rule, all }: List, side: 'source' | 'destination'): Rule {
  if (all.size === 1) return rule
  const cidr = [...all].join(',')
  return {
    ...rule,
    matches: rule.matches.map((match): Match => (match.kind === side ? { ...match, cidr } : match)),
  }
}
