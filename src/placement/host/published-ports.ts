import type { Rule } from '../../iptables/rule.ts'
import type { Ruleset, Table } from '../../iptables/ruleset.ts'
import { onceForLast } from '../../memory/once-for.ts'
import { atOnce, type InPieces } from '../../waiting/pieces.ts'
import { targetsOf } from '../forwarding-rules.ts'
import { type RangeSamples, rangeSamples } from '../kinds/range-samples.ts'

/** A destination that nat may translate to a pod or container. */
export interface PublishedPort {
  /** Undefined for the addresses of the host itself. */
  readonly address: string | undefined
  readonly protocol: string
  /** Undefined if no rule names a port: then any port is published. */
  readonly port: number | undefined
}

/** What the rules on the way to a DNAT match, as they print it. An empty list matches everything. */
interface Conditions {
  readonly addresses: readonly string[]
  readonly protocols: readonly string[]
  readonly ports: readonly string[]
  /** Whether a rule excludes an address (`! -d`), so that all other addresses match. */
  readonly excludes: boolean
}

const everything: Conditions = { addresses: [], protocols: [], ports: [], excludes: false }

/**
 * What may be published: each address, protocol and port that rules of nat name on any way from PREROUTING to a DNAT or
 * NETMAP. Of ranges there are samples. ClusterIPs are not among them. Whether nat really translates such a packet is for
 * a walk to find out.
 */
export function publishedPorts(ruleset: Ruleset): readonly PublishedPort[] {
  return atOnce(publishedPortsInPieces(ruleset))
}

/** Several checks ask, and a node has thousands of rules in nat. */
const finding = onceForLast<Ruleset, { found?: readonly PublishedPort[] }>(() => ({}))

/** The same, some rules a piece. */
export function* publishedPortsInPieces(ruleset: Ruleset): InPieces<readonly PublishedPort[]> {
  const known = finding(ruleset)
  known.found ??= yield* findPublishedPorts(ruleset)
  return known.found
}

function* findPublishedPorts(ruleset: Ruleset): InPieces<readonly PublishedPort[]> {
  const chains = ruleset.tables.get('nat') ?? (new Map() as Table)
  const targets = yield* leadingTargets(chains)
  const samples = rangeSamples(ruleset)
  const found = new Map<string, PublishedPort>()
  const followed = new Set<string>()
  let rules = 0
  const follow = function* (chain: string, above: Conditions): InPieces<void> {
    const way = JSON.stringify([chain, above])
    if (followed.has(way)) return
    followed.add(way)
    for (const rule of chains.get(chain)?.rules ?? []) {
      if (++rules % rulesAPiece === 0) yield
      const target = rule.target?.name ?? ''
      if (!targets.has(target) || isClusterIp(rule)) continue
      const conditions = narrowed(above, rule)
      if (translating.includes(target) || ofService.test(target)) {
        for (const port of portsOf(conditions, samples)) {
          found.set(Object.values(port).join(), port)
        }
      } else yield* follow(target, conditions)
    }
  }
  yield* follow('PREROUTING', everything)
  return [...found.values()]
}

const rulesAPiece = 1000
const chainsAPiece = 200

/** The targets that change the destination of a packet. */
const translating = ['DNAT', 'NETMAP']

/** The chains of one service. The rule that leads to such a chain has named everything that matters. */
const ofService = /^KUBE-(SVC|SVL|SEP|EXT|XLB)-/

/** The ClusterIPs of services with their ports, as the rules of KUBE-SERVICES name them. */
export const clusterIps = onceForLast((ruleset: Ruleset): readonly PublishedPort[] => {
  const rules = ruleset.tables.get('nat')?.get('KUBE-SERVICES')?.rules ?? []
  const samples = rangeSamples(ruleset)
  return rules.filter(isClusterIp).flatMap((rule) => portsOf(narrowed(everything, rule), samples))
})

/**
 * Whether a rule of KUBE-SERVICES is for a ClusterIP. Up to 1.23, kube-proxy sends external addresses and those of load
 * balancers to the same KUBE-SVC- chain. There only the comment tells them apart, and that their rules match where the
 * packet comes from or goes to (physdev, addrtype). With internalTrafficPolicy Local, the chain is KUBE-SVL-.
 */
function isClusterIp({ words, matches, target }: Rule): boolean {
  return (
    /^KUBE-(SVC|SVL)-/.test(target?.name ?? '') &&
    matches.some((match) => match.kind === 'destination') &&
    !words.some((word) => /(external|load ?balancer) IP$/.test(word)) &&
    !matches.some((match) => match.kind === 'module' && /^(physdev|addrtype)$/.test(match.module))
  )
}

/** The targets that translate, and the chains of nat that lead to one of them, directly or not. */
function* leadingTargets(chains: Table): InPieces<ReadonlySet<string>> {
  const last = leading.get(chains)
  if (last) return last
  const callers = new Map<string, string[]>()
  let seen = 0
  for (const { name, rules } of chains.values()) {
    if (++seen % chainsAPiece === 0) yield
    for (const target of targetsOf(rules)) {
      const known = callers.get(target)
      if (known) known.push(name)
      else callers.set(target, [name])
    }
  }
  const found = new Set(translating)
  for (const name of found) for (const caller of callers.get(name) ?? []) found.add(caller)
  leading.set(chains, found)
  return found
}

const leading = new WeakMap<Table, ReadonlySet<string>>()

/** The conditions of a rule replace those of the rules above it, because they can only be narrower. */
function narrowed(above: Conditions, { matches }: Rule): Conditions {
  const addresses: string[] = []
  const protocols: string[] = []
  const ports: string[] = []
  let { excludes } = above
  for (const match of matches) {
    if (match.kind === 'destination') {
      if (match.negated) excludes = true
      else addresses.push(...match.cidr.split(','))
    } else if (match.kind === 'protocol') {
      if (!match.negated) protocols.push(match.protocol)
    } else if (match.kind === 'module') {
      for (const { name, negated, values } of match.options) {
        if (!negated && /^(dports?|destination-ports?|ports)$/.test(name)) {
          ports.push(...(values[0] ?? '').split(','))
        }
      }
    }
  }
  return {
    addresses: addresses.length > 0 ? addresses : above.addresses,
    protocols: protocols.length > 0 ? protocols : above.protocols,
    ports: ports.length > 0 ? ports : above.ports,
    excludes,
  }
}

/** A public address, for rules that translate whatever is not for the host itself. */
const elsewhere = '198.51.100.80'

/** What a packet must ask for to meet some conditions. Outsiders cannot reach loopback addresses. */
function portsOf(
  { addresses, protocols, ports, excludes }: Conditions,
  samples: RangeSamples,
): readonly PublishedPort[] {
  const sampled = addresses.flatMap((cidr) => samples.addresses(cidr))
  const hasRange = sampled.length > addresses.length
  // The host's own address may lie in a range.
  const all =
    addresses.length > 0
      ? [...sampled, ...(hasRange ? [undefined] : [])]
      : [undefined, ...(excludes ? [elsewhere] : [])]
  const reachable = all.filter((address) => !address?.startsWith('127.'))
  const numbers = ports.length > 0 ? ports.flatMap((text) => samples.ports(text)) : [undefined]
  return reachable.flatMap((address) =>
    (protocols.length > 0 ? protocols : ['tcp', 'udp']).flatMap((protocol) =>
      numbers.map((port) => ({ address, protocol, port })),
    ),
  )
}
