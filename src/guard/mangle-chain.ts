import { asideChain, guardChain } from '../agent/names.ts'
import { isPattern } from '../inventory/interface-names.ts'
import { type Family, formatWithLength, ofFamily, parseDual } from '../ip/dual.ts'
import { type Counters, makeRule, matchOption, type Rule } from '../iptables/rule.ts'
import { closedNetworks, type MangleIntent, memberSet } from './intent.ts'
import type { PlacedRule } from './placed-rule.ts'

/** Our chain of one family: its rules, and those of mangle PREROUTING that lead to it. */
export interface ChainState {
  readonly rules: readonly Rule[]
  readonly jumps: readonly PlacedRule[]
}

/**
 * Our chain as `iptables -S` prints it; undefined for a family of which nothing is closed. Answers, errors
 * about connections and members return to the chains of others. What asks for a closed network from elsewhere is dropped: mangle cannot reject.
 */
export function wantedChain(intent: MangleIntent, family: Family): ChainState | undefined {
  const closed = ofFamily(closedNetworks(intent), family)
  if (closed.length === 0) return undefined
  const chain = (...words: string[]): Rule => makeRule(guardChain, words)
  const set = setOf(intent.set, family)
  return {
    rules: [
      ...(family === 6 ? neighbourProbes : []),
      chain('-m', 'conntrack', '--ctdir', 'REPLY', '-j', 'RETURN'),
      // Errors of routers between nodes: conntrack relates one to the connection of which it quotes a packet.
      chain(
        ...['-p', family === 4 ? 'icmp' : 'ipv6-icmp'],
        ...['-m', 'conntrack', '--ctstate', 'RELATED', '-j', 'RETURN'],
      ),
      chain('-m', 'set', '--match-set', set, 'src', '-j', 'RETURN'),
      ...bareSources(intent, family).map((source) => chain('-s', source, '-j', 'RETURN')),
      ...closed.map((network) => chain('-d', withLength(network), '-j', 'DROP')),
    ],
    jumps: intent.interfaces.map((name, index) => ({
      position: index + 1,
      rule: makeRule('PREROUTING', ['-i', asInIptables(name), '-j', guardChain]),
    })),
  }
}

/** A name or pattern as iptables has it: there a pattern ends in `+`. */
export function asInIptables(text: string): string {
  return isPattern(text) ? `${text.slice(0, -1)}+` : text
}

/** A router probes a neighbour by its own address, and conntrack does not know such packets. */
const neighbourProbes = ['135', '136'].map((type) =>
  makeRule(guardChain, [
    ...['-p', 'ipv6-icmp', '-m', 'icmp6', '--icmpv6-type', type],
    ...['-j', 'RETURN'],
  ]),
)

/** The name of the set of a family: that of IPv6 has a name of its own, at most 31 characters long. */
export function setOf(set: string, family: Family): string {
  if (family === 4) return set
  return set.slice(0, 29) + (set.endsWith('-6') ? '.6' : '-6')
}

/** The sources that the set of a family holds. */
export function chainMembers({ members }: MangleIntent, family: Family): readonly string[] {
  return ofFamily(members, family)
}

/** Networks do not fit into a set of addresses, so pods that arrive bare have rules. */
function bareSources(intent: MangleIntent, family: Family): readonly string[] {
  const members = memberSet(intent.members)
  const others = intent.barePods.filter((source) => !members.has(source))
  return ofFamily(others, family).map(withLength)
}

function withLength(text: string): string {
  const network = parseDual(text)
  return network ? formatWithLength(network) : text
}

/** Whether a chain of that name may be ours: it is empty, or lets answers return. Another program's does neither. */
export function isOurChain({ rules }: ChainState): boolean {
  return rules.length === 0 || rules.some(letsAnswersReturn)
}

function letsAnswersReturn({ words }: Rule): boolean {
  return words.join(' ') === '-m conntrack --ctdir REPLY -j RETURN'
}

/** While ours is refilled, its first rule leads to a whole one aside. */
export function isCovered([first]: readonly Rule[]): boolean {
  return first?.target?.kind === 'goto' && first.target.name === asideChain
}

/** The names of the sets that a chain asks for. */
export function setsAskedBy({ rules }: ChainState): readonly string[] {
  return rules.flatMap((rule) => matchOption(rule, 'set', 'match-set')?.values[0] ?? [])
}

/** How many packets a chain of ours has dropped so far. */
export function droppedBy({ rules }: ChainState): readonly Counters[] {
  return rules.flatMap(({ target, counters }) =>
    target?.name === 'DROP' && counters ? [counters] : [],
  )
}

/** The networks that a chain closes, and the interfaces by which packets come to it. */
export function guardedByChain({ rules, jumps }: ChainState): {
  readonly interfaces: readonly string[]
  readonly closed: readonly string[]
} {
  return {
    interfaces: jumps.flatMap(({ rule }) =>
      rule.matches.flatMap((match) =>
        match.kind === 'in' ? [match.interface.replace(/\+$/, '*')] : [],
      ),
    ),
    closed: rules.flatMap(({ target, matches }) =>
      target?.name === 'DROP'
        ? matches.flatMap((match) => (match.kind === 'destination' ? [match.cidr] : []))
        : [],
    ),
  }
}
