import { isPattern } from '../inventory/interface-names.ts'
import { type Family, families, ofFamily } from '../ip/dual.ts'
import type { Counters } from '../iptables/rule.ts'
import { onceFor } from '../memory/once-for.ts'
import type { NftTable } from '../nft/printed-table.ts'
import { closedNetworks, type NftIntent } from './intent.ts'

/**
 * Where the table looks at packets. `prerouting`: before every translation, so at the address that was asked for.
 * `forward`: for kernels and versions of nft that cannot reject earlier; it asks conntrack for that address.
 */
export type TableForm = 'prerouting' | 'forward'

/** How many packets the table stopped: outsiders' own, and those that belong to no connection. */
export interface TableCounters {
  readonly refused: Counters
  readonly invalid: Counters
}

/** The chain that decides on packets of outsiders. By it we know a table of ours. */
export const outsiderChain = 'outsider'

/**
 * The text of our table between its braces, in the words of nft. It has no named sets: older versions of nft, which run
 * in the pods of kube-proxy and Calico, crash when they read those of newer ones.
 */
export function tableText(intent: NftIntent, counters?: TableCounters): string {
  const verdict = intent.action === 'REJECT' ? 'reject' : 'drop'
  return [
    `chain ${outsiderChain} {`,
    // A router probes a neighbour by its own address, and conntrack does not know such packets.
    'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept',
    'ct direction reply accept',
    ...icmpErrors,
    `ct state invalid,untracked counter${counted(counters?.invalid)} drop`,
    `counter${counted(counters?.refused)} ${verdict}`,
    '}',
    `chain ${intent.form} {`,
    `type filter hook ${intent.form} priority -155; policy accept;`,
    ...families.flatMap((one) => familyRules(intent, one)),
    '}',
  ].join('\n')
}

/**
 * Routers between nodes answer packets of pods with errors, for example that these are too long for the next link. conntrack relates an
 * error to a connection only if it quotes a packet of it. Names of protocols would need /etc/protocols on the host.
 */
const icmpErrors = [
  'icmp type { destination-unreachable, time-exceeded, parameter-problem } ct state related accept',
  'icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } ct state related accept',
]

function familyRules(intent: NftIntent, family: Family): string[] {
  const name = family === 4 ? 'ip' : 'ip6'
  const closed = ofFamily(closedNetworks(intent), family)
  const sources = [membersOf(intent.members)[family], ...ofFamily(intent.barePods, family)]
  if (closed.length === 0) return []
  const asks = `${name} daddr ${setOf(closed)}`
  const from = sources.some(Boolean) ? ` ${name} saddr != ${setOf(sources.filter(Boolean))}` : ''
  const conditions =
    intent.form === 'prerouting'
      ? [asks]
      : [`ct direction original ct original ${asks}`, `ct state invalid,untracked ${asks}`]
  return waysIn(intent.interfaces).flatMap((comesIn) =>
    conditions.map((condition) => `${comesIn} ${condition}${from} jump ${outsiderChain}`),
  )
}

/** The members of each family as elements of a set: in a text made once for all hosts that want the same ones. */
const membersOf = onceFor((members: readonly string[]) => ({
  4: ofFamily(members, 4).join(', '),
  6: ofFamily(members, 6).join(', '),
}))

/** Versions of nft before 1.0.3 know no patterns in sets, so each has rules of its own. */
function waysIn(interfaces: readonly string[]): readonly string[] {
  const quoted = (text: string): string => `"${text}"`
  const names = interfaces.filter((one) => !isPattern(one)).map(quoted)
  const patterns = interfaces.filter(isPattern).map(quoted)
  return [...(names.length > 0 ? [setOf(names)] : []), ...patterns].map((one) => `iifname ${one}`)
}

function setOf(elements: readonly string[]): string {
  return `{ ${elements.join(', ')} }`
}

function counted(counters: Counters | undefined): string {
  return counters ? ` packets ${counters.packets} bytes ${counters.bytes}` : ''
}

/** Whether a table may be ours: it has our chain, or no chain at all. A table that another program made has others. */
export function isOurs({ chains }: NftTable): boolean {
  return chains.length === 0 || chains.some(({ name }) => name === outsiderChain)
}

/** How many packets a table of ours has stopped so far; 0 where a counter is gone. */
export function countersOf({ chains }: NftTable): TableCounters {
  const rules = chains.find(({ name }) => name === outsiderChain)?.rules ?? []
  const counted = (invalid: boolean): Counters =>
    rules.find(({ words, counters }) => counters && words.includes('invalid') === invalid)
      ?.counters ?? { packets: 0n, bytes: 0n }
  return { refused: counted(false), invalid: counted(true) }
}

/** The interfaces and closed networks that a table's text names, each once, as nft prints them. */
export function guardedBy(text: string): {
  readonly interfaces: readonly string[]
  readonly closed: readonly string[]
} {
  const names = elementsOf(text, 'iifname').map((name) => name.replaceAll('"', ''))
  return { interfaces: names, closed: elementsOf(text, 'daddr') }
}

/** The sources that a table's text admits, each once: addresses, networks and, where nft joined neighbours, ranges. */
export function sourcesOf(text: string): readonly string[] {
  return elementsOf(text, 'saddr !=')
}

/** The elements of the sets that a text of nft has behind a key, each once, as nft prints them. */
export function elementsOf(text: string, key: string): readonly string[] {
  const sets = [...text.matchAll(new RegExp(`\\b${key} (\\{[^{}]*\\}|[^\\s{}]+)`, 'g'))]
  const elements = sets.flatMap(([, set = '']) => set.replace(/[{}\s]/g, '').split(','))
  return [...new Set(elements)]
}
