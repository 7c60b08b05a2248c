import type { Rule } from '../../iptables/rule.ts'
import type { Chain, Ruleset } from '../../iptables/ruleset.ts'
import { type RangeSamples, rangeSamples } from '../kinds/range-samples.ts'

/**
 * An end that nat may translate to a pod or container. `address` is undefined for the host's own, `port` for any, which
 * no rule names.
 */
export interface PublishedPort {
  readonly address: string | undefined
  readonly protocol: string
  readonly port: number | undefined
}

/** What the rules on the way to a DNAT name, in their words; nothing is anything. */
interface Named {
  readonly addresses: readonly string[]
  readonly protocols: readonly string[]
  readonly ports: readonly string[]
  /** A rule asks for an address that is not one. */
  readonly others: boolean
}

const anything: Named = { addresses: [], protocols: [], ports: [], others: false }

/**
 * What may be published: every address, protocol and port that rules of nat name on a way from PREROUTING to a DNAT or
 * NETMAP, by whichever chains, each once; of ranges, samples. Whether it is, tells a walk with such a packet. ClusterIPs of
 * services are not published.
 */
export function publishedPorts(ruleset: Ruleset): readonly PublishedPort[] {
  const chains = ruleset.tables.get('nat') ?? new Map<string, Chain>()
  const leads = leadingChains(chains)
  const samples = rangeSamples(ruleset)
  const found = new Map<string, PublishedPort>()
  const followed = new Set<string>()
  const follow = (chain: string, above: Named): void => {
    const way = JSON.stringify([chain, above])
    if (followed.has(way)) return
    followed.add(way)
    for (const rule of chains.get(chain)?.rules ?? []) {
      const to = rule.target?.name ?? ''
      if (!leads.has(to) || isClusterIp(rule)) continue
      const named = narrowed(above, rule)
      if (!translating.includes(to) && !ofService.test(to)) follow(to, named)
      else for (const port of portsOf(named, samples)) found.set(Object.values(port).join(), port)
    }
  }
  follow('PREROUTING', anything)
  return [...found.values()]
}

/** The targets that send a packet elsewhere. */
const translating = ['DNAT', 'NETMAP']

/** The chains of one service, which name nothing that does not stand before them. */
const ofService = /^KUBE-(SVC|SVL|SEP|EXT|XLB)-/

/** The ClusterIPs of services, as kube-proxy names them in KUBE-SERVICES. */
export function clusterIps(ruleset: Ruleset): readonly PublishedPort[] {
  const rules = ruleset.tables.get('nat')?.get('KUBE-SERVICES')?.rules ?? []
  const samples = rangeSamples(ruleset)
  return rules.filter(isClusterIp).flatMap((rule) => portsOf(narrowed(anything, rule), samples))
}

/**
 * Until 1.23 kube-proxy sends a ClusterIP, an external address and that of a load balancer to the same KUBE-SVC- chain;
 * its comment says which it is, and only the latter two ask where the packet comes from or goes (physdev, addrtype). With
 * internalTrafficPolicy Local it goes to a KUBE-SVL- chain.
 */
function isClusterIp({ words, matches, target }: Rule): boolean {
  return (
    /^KUBE-(SVC|SVL)-/.test(target?.name ?? '') &&
    matches.some((match) => match.kind === 'destination') &&
    !words.some((word) => /(external|load ?balancer) IP$/.test(word)) &&
    !matches.some((match) => match.kind === 'module' && /^(physdev|addrtype)$/.test(match.module))
  )
}

/** What leads to a translation: the targets that make it, and the chains of nat that lead to one, directly or not. */
function leadingChains(chains: ReadonlyMap<string, Chain>): ReadonlySet<string> {
  const callers = new Map<string, Set<string>>()
  for (const { name, rules } of chains.values()) {
    for (const { target } of rules) {
      if (target) callers.set(target.name, (callers.get(target.name) ?? new Set()).add(name))
    }
  }
  const found = new Set(translating)
  for (const name of found) for (const caller of callers.get(name) ?? []) found.add(caller)
  return found
}

/** What a rule names takes the place of what the rules above it named: it can only be narrower. */
function narrowed(above: Named, { matches }: Rule): Named {
  const addresses: string[] = []
  const protocols: string[] = []
  const ports: string[] = []
  let { others } = above
  for (const match of matches) {
    if (match.kind === 'destination') {
      if (match.negated) others = true
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
    others,
  }
}

/** An address of somebody else, for rules that take what is for anybody but the host. */
const elsewhere = '198.51.100.80'

/** What is published on loopback only is not for outsiders. The host's own address may lie in a network as well. */
function portsOf(
  { addresses, protocols, ports, others }: Named,
  samples: RangeSamples,
): readonly PublishedPort[] {
  const named = addresses.flatMap((cidr) => samples.addresses(cidr))
  const to =
    addresses.length > 0
      ? [...named, ...(named.length > addresses.length ? [undefined] : [])]
      : [undefined, ...(others ? [elsewhere] : [])]
  const outside = to.filter((address) => !address?.startsWith('127.'))
  const by = protocols.length > 0 ? protocols : ['tcp', 'udp']
  const numbers = ports.flatMap((text) => samples.ports(text))
  return outside.flatMap((address) =>
    by.flatMap((protocol) =>
      (ports.length > 0 ? numbers : [undefined]).map((port) => ({ address, protocol, port })),
    ),
  )
}
