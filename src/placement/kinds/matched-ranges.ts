import { protocolNumber } from '../../flow/protocol-number.ts'
import { parseAddress } from '../../ip/address.ts'
import { parseRange, type Range } from '../../ip/ranges.ts'
import type { IpSet } from '../../ipset/sets.ts'
import type { Match, Option, Rule } from '../../iptables/rule.ts'
import type { Condition } from './kinds.ts'

/** The modules that ask for addresses. */
const asking: ReadonlySet<string> = new Set(['conntrack', 'iprange', 'set'])

type Sets = ReadonlyMap<string, IpSet>
type Side = 'source' | 'destination'

/**
 * Everything that rules ask of the addresses on one side of a new packet, be it by `-s` or `-d`, iprange, conntrack or
 * sets, each condition once. Whether it is asked negated does not matter: it tells the same addresses apart.
 */
export function addressConditions(
  rules: readonly Rule[],
  side: Side,
  sets: Sets,
): readonly Condition[] {
  const found = new Map<string, Condition>()
  for (const { matches } of rules) {
    for (const match of matches) {
      if (match.kind !== side && !(match.kind === 'module' && asking.has(match.module))) continue
      const texts = match.kind === side ? match.cidr.split(',') : rangeTexts(match, side)
      const ranges = texts.flatMap((text) => rangeIn(text) ?? [])
      if (ranges.length > 0) found.set(texts.join(), ranges)
      for (const name of setsAsked(match, side, sets)) {
        if (!found.has(`set ${name}`)) {
          for (const [key, members] of membersOf(name, sets)) found.set(`set ${key}`, members)
        }
      }
    }
  }
  return [...found.values()]
}

/** The ports that rules and sets name, whichever side they ask about. */
export function portConditions(rules: readonly Rule[], sets: Sets): readonly Condition[] {
  const options = rules.flatMap(({ matches }) => matches.flatMap(optionsOf))
  const texts = [
    ...options.filter(({ name }) => /port(s)?$/.test(name)).flatMap(({ values }) => values),
    ...options
      .filter(({ name }) => name === 'match-set')
      .flatMap(({ values: [set = ''] }) => sets.get(set)?.members ?? [])
      .flatMap((member) => /(?<=[:,])\d+(?=$|[, ])|^\d+$/.exec(member)?.[0] ?? []),
  ]
  return [...new Set(texts.flatMap((text) => text.split(',')))].flatMap((text) => {
    const [low, high = low] = text.split(':').map((end) => Number(end || 0))
    return low !== undefined && high !== undefined && high <= 65535
      ? [[{ first: low, last: high === 0 ? 65535 : high }]]
      : []
  })
}

/** The numbers of the protocols that rules name. */
export function protocolsNamed(rules: readonly Rule[]): ReadonlySet<number> {
  const names = rules.flatMap(({ matches }) =>
    matches.flatMap((match) => (match.kind === 'protocol' ? [match.protocol] : [])),
  )
  return new Set([...new Set(names)].flatMap((name) => protocolNumber(name) || []))
}

const rangeOptions: Readonly<Record<string, Side>> = {
  'src-range': 'source',
  'dst-range': 'destination',
  ctorigsrc: 'source',
  ctrepldst: 'source',
  ctorigdst: 'destination',
  ctreplsrc: 'destination',
}

function rangeTexts(match: Match, side: Side): readonly string[] {
  return optionsOf(match)
    .filter(({ name }) => rangeOptions[name] === side)
    .flatMap(({ values }) => values)
}

function optionsOf(match: Match): readonly Option[] {
  return match.kind === 'module' ? match.options : []
}

/** Of a mask that is no prefix, the first address at least. */
function rangeIn(text: string): Range | undefined {
  const first = parseAddress(text.split('/', 1)[0] ?? '')
  return parseRange(text) ?? (first === undefined ? undefined : { first, last: first })
}

/** The sets that a match asks about one side, as `NAME DIMENSION`; those in a list of sets as well. */
function setsAsked(match: Match, side: Side, sets: Sets): readonly string[] {
  return optionsOf(match)
    .filter(({ name }) => name === 'match-set')
    .flatMap(({ values: [set = '', sides = ''] }) =>
      sides.split(',').flatMap((word, dimension) => {
        if (word !== (side === 'source' ? 'src' : 'dst')) return []
        const listed = sets.get(set)
        return (listed?.type === 'list:set' ? listed.members : [set]).map(
          (name) => `${name} ${dimension}`,
        )
      }),
    )
}

/**
 * The members of a set in one dimension, as conditions: those that a packet cannot tell apart by anything else, their
 * length included, because of two nets the narrower decides.
 */
function membersOf(asked: string, sets: Sets): ReadonlyMap<string, Condition> {
  const [name = '', dimension = ''] = asked.split(' ')
  const set = sets.get(name)
  const found = new Map<string, Range[]>([[asked, []]])
  const mask = set?.options[set.options.indexOf('netmask') + 1]
  for (const member of set?.members ?? []) {
    const [element = '', ...flags] = member.split(' ')
    const words = element.split(',')
    const word = words[Number(dimension)] ?? ''
    const range = parseRange(set?.options.includes('netmask') ? `${word}/${mask}` : word)
    if (!range) continue
    const key = [asked, words.with(Number(dimension), `${range.last - range.first}`), flags].join()
    const alike = found.get(key) ?? []
    alike.push(range)
    found.set(key, alike)
  }
  return found
}
