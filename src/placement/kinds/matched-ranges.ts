import { protocolNumber } from '../../flow/protocol-number.ts'
import { parseAddress } from '../../ip/ipv4.ts'
import { parseRange, type Range } from '../../ip/ipv4-ranges.ts'
import type { IpSet } from '../../ipset/sets.ts'
import type { Match, Option, Rule } from '../../iptables/rule.ts'
import { onceFor } from '../../memory/once-for.ts'
import type { MatchedRanges } from './kinds.ts'

/** The modules that match addresses. */
const addressModules: ReadonlySet<string> = new Set(['conntrack', 'iprange', 'set'])

type Sets = ReadonlyMap<string, IpSet>
type Side = 'source' | 'destination'

/**
 * The addresses that the rules of some chains match on one side of a new packet, by `-s` or `-d`, iprange, conntrack or sets;
 * each match once. A negated match counts as well: it tells the same addresses apart.
 */
export function matchedAddresses(
  chains: readonly (readonly Rule[])[],
  side: Side,
  sets: Sets,
): readonly MatchedRanges[] {
  const found = new Map<string, MatchedRanges>()
  const rangesOf = side === 'source' ? sourceRanges : destinationRanges
  for (const rules of chains) {
    const { ranges, askingSets } = rangesOf(rules)
    for (const [key, some] of ranges) found.set(key, some)
    for (const match of askingSets) {
      for (const lookup of setLookups(match, side, sets)) {
        const name = `set ${lookup.name} ${lookup.dimension}`
        if (found.has(name)) continue
        for (const [key, members] of membersOf(lookup, sets)) found.set(name + key, members)
      }
    }
  }
  return [...found.values()]
}

/** What rules match without sets, by the text of it, and the matches that ask sets. */
interface Asked {
  readonly ranges: readonly (readonly [key: string, ranges: MatchedRanges])[]
  readonly askingSets: readonly Match[]
}

// Hosts that have a chain in common have its ranges in common.
const sourceRanges = onceFor((rules: readonly Rule[]) => askedBy(rules, 'source'))
const destinationRanges = onceFor((rules: readonly Rule[]) => askedBy(rules, 'destination'))

function askedBy(rules: readonly Rule[], side: Side): Asked {
  const ranges: Asked['ranges'][number][] = []
  const askingSets: Match[] = []
  for (const { matches } of rules) {
    for (const match of matches) {
      const byModule = match.kind === 'module' && addressModules.has(match.module)
      if (match.kind !== side && !byModule) continue
      const texts = match.kind === side ? match.cidr.split(',') : rangeTexts(match, side)
      const some = texts.flatMap((text) => rangeIn(text) ?? [])
      if (some.length > 0) ranges.push([texts.join(), some])
      if (optionsOf(match).some(({ name }) => name === 'match-set')) askingSets.push(match)
    }
  }
  return { ranges, askingSets }
}

/** The ports that the rules of some chains and sets name, of sources and destinations alike. */
export function matchedPorts(
  chains: readonly (readonly Rule[])[],
  sets: Sets,
): readonly MatchedRanges[] {
  const named = chains.map(namedIn)
  const texts = [
    ...named.flatMap(({ ports }) => ports),
    ...named
      .flatMap((all) => all.sets)
      .flatMap((set) => sets.get(set)?.members ?? [])
      .flatMap((member) => /(?<=[:,])\d+(?=$|[, ])|^\d+$/.exec(member)?.[0] ?? []),
  ]
  return [...new Set(texts.flatMap((text) => text.split(',')))].flatMap((text) => {
    const [low, high = low] = text.split(':').map((end) => Number(end || 0))
    return low !== undefined && high !== undefined && high <= 65535
      ? [[{ first: low, last: high === 0 ? 65535 : high }]]
      : []
  })
}

/** The texts of ports, the sets and the protocols that some rules name, each once. */
const namedIn = onceFor((rules: readonly Rule[]) => {
  const [ports, sets, protocols] = [new Set<string>(), new Set<string>(), new Set<string>()]
  for (const match of rules.flatMap(({ matches }) => matches)) {
    if (match.kind === 'protocol') protocols.add(match.protocol)
    for (const { name, values } of optionsOf(match)) {
      if (/ports?$/.test(name)) for (const value of values) ports.add(value)
      if (name === 'match-set') sets.add(values[0] ?? '')
    }
  }
  return { ports: [...ports], sets: [...sets], protocols: [...protocols] }
})

/** The numbers of the protocols that the rules of some chains name. */
export function matchedProtocols(chains: readonly (readonly Rule[])[]): ReadonlySet<number> {
  const names = new Set(chains.flatMap((rules) => namedIn(rules).protocols))
  return new Set([...names].flatMap((name) => protocolNumber(name) || []))
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

/** Reads a network. Of a mask that is no prefix, it is only the first address. */
function rangeIn(text: string): Range | undefined {
  const first = parseAddress(text.split('/', 1)[0] ?? '')
  return parseRange(text) ?? (first === undefined ? undefined : { first, last: first })
}

/** A set in which a match looks up one side, and which part of a member it compares that with, from 0. */
interface SetLookup {
  readonly name: string
  readonly dimension: number
}

/** Of a list of sets, the sets in it are looked up. */
function setLookups(match: Match, side: Side, sets: Sets): readonly SetLookup[] {
  return optionsOf(match)
    .filter(({ name }) => name === 'match-set')
    .flatMap(({ values: [set = '', sides = ''] }) =>
      sides.split(',').flatMap((word, dimension) => {
        if (word !== (side === 'source' ? 'src' : 'dst')) return []
        const listed = sets.get(set)
        const names = listed?.type === 'list:set' ? listed.members : [set]
        return names.map((name) => ({ name, dimension }))
      }),
    )
}

/**
 * The members of a set in one dimension. Members that differ in nothing else are matched together. Networks of different
 * length are not, because the narrowest that fits decides (`nomatch`). The empty key stands for the set itself.
 */
function membersOf({ name, dimension }: SetLookup, sets: Sets): ReadonlyMap<string, MatchedRanges> {
  const set = sets.get(name)
  const found = new Map<string, Range[]>([['', []]])
  const mask = set?.options[set.options.indexOf('netmask') + 1]
  for (const member of set?.members ?? []) {
    const [element = '', ...flags] = member.split(' ')
    const words = element.split(',')
    const word = words[dimension] ?? ''
    const range = parseRange(set?.options.includes('netmask') ? `${word}/${mask}` : word)
    if (!range) continue
    const key = [words.with(dimension, `${range.last - range.first}`), flags].join()
    const alike = found.get(key) ?? []
    alike.push(range)
    found.set(key, alike)
  }
  return found
}
