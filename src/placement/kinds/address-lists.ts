import type { Match, Rule } from '../../iptables/rule.ts'

/**
 * Rules as they tell addresses of one side apart: those of a list of addresses, which follow each other and are alike but
 * for the address, are as one that asks for all of them. FORWARD has no lists, because our rule may come to stand between
 * any two of its rules.
 */
export function withLists(
  table: string,
  rules: readonly Rule[],
  side: 'source' | 'destination',
): readonly Rule[] {
  const found: Rule[] = []
  let list: List | undefined
  for (const rule of rules) {
    const entry = table === 'filter' && rule.chain === 'FORWARD' ? undefined : entryOf(rule, side)
    if (list && entry && list.like === entry.like && (entry.ends || !list.all.has(entry.cidr))) {
      list.all.add(entry.cidr)
      continue
    }
    if (list) found.push(joined(list, side))
    list = entry && { ...entry, rule, all: new Set([entry.cidr]) }
    if (!entry) found.push(rule)
  }
  return list ? [...found, joined(list, side)] : found
}

/** What a rule of a list asks for, and what else it says. */
interface Entry {
  readonly cidr: string
  readonly like: string
  /** A packet that it matches surely comes to no other of the list. */
  readonly ends: boolean
}

interface List extends Entry {
  readonly rule: Rule
  readonly all: Set<string>
}

/** The targets after which no rule of the same chain is asked. */
const ending: ReadonlySet<string> = new Set(['ACCEPT', 'DROP', 'REJECT', 'RETURN'])

/** Of targets that let a packet go on only single addresses are a list: no packet has two of them. */
function entryOf(
  { chain, words, matches, target }: Rule,
  side: 'source' | 'destination',
): Entry | undefined {
  const asked = matches.find((match) => match.kind === side)
  if (asked?.kind !== side || asked.negated) return undefined
  const cidr = asked.cidr.replace(/\/32$/, '')
  const ends = ending.has(target?.name ?? '')
  if (!ends && !/^[\d.]+$/.test(cidr)) return undefined
  const flag = side === 'source' ? '-s' : '-d'
  const rest = words.filter(
    (word, i) =>
      word !== '--comment' &&
      words[i - 1] !== '--comment' &&
      !(word === asked.cidr && words[i - 1] === flag),
  )
  return { cidr, ends, like: [chain, ...rest].join(' ') }
}

function joined({ rule, all }: List, side: 'source' | 'destination'): Rule {
  if (all.size === 1) return rule
  const cidr = [...all].join(',')
  return {
    ...rule,
    matches: rule.matches.map((match): Match => (match.kind === side ? { ...match, cidr } : match)),
  }
}
