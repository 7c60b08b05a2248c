import type { Sections } from '../agent/sections.ts'
import { firstIndex } from '../ip/first-index.ts'
import { contains, type Network, parseNetwork } from '../ip/ipv4-ranges.ts'
import type { Rule } from '../iptables/rule.ts'
import { rulesOf } from '../iptables/ruleset.ts'
import { onceForLast } from '../memory/once-for.ts'
import { leadsToPods } from './pod-interface-names.ts'
import { textOf } from './reading.ts'
import type { Route } from './routes.ts'
import type { HostState } from './state.ts'

/** The network of all pods, from flannel's subnet.env (`FLANNEL_NETWORK`); undefined if flannel does not run here. */
export function readFlannelNetwork(sections: Sections): string | undefined {
  return /^FLANNEL_NETWORK=(\S+)$/m.exec(textOf(sections, 'flannel'))?.[1]
}

/**
 * The pod networks that a host knows, as CIDRs: flannel's, Calico's pools (its ipsets), and those that rules of flannel in
 * FORWARD or FLANNEL-FWD accept by destination. A single address or the default route is none. FLANNEL-FWD counts only
 * where FORWARD jumps to it: the chain stays when flannel is gone. A pool needs no such proof: Felix deletes the sets that
 * it no longer needs.
 */
export function podNetworks(
  state: HostState,
  flannel: string | undefined,
  routes: readonly Route[],
): readonly string[] {
  const pools = ['cali40all-ipam-pools', 'cali40network-ip-pools', 'cali40masq-ipam-pools']
  const forward = rulesOf(state.ruleset, 'filter', 'FORWARD')
  const from = new Set(forward.flatMap((rule) => accepted(rule, 'source')))
  const to = new Set(forward.flatMap((rule) => accepted(rule, 'destination')).filter(isNetwork))
  const leading = byAddress(routes)
  const flannels = rulesOf(state.ruleset, 'filter', 'FLANNEL-FWD')
  const flannelsFrom = new Set(flannels.flatMap((rule) => accepted(rule, 'source')))
  const found = [
    ...(flannel ? [flannel] : []),
    ...pools.flatMap((pool) => state.sets.get(pool)?.members ?? []),
    ...[...to].filter((cidr) => isOfPods(cidr, from.has(cidr), leading)),
    ...(forward.some(({ target }) => target?.name === 'FLANNEL-FWD') ? flannels : [])
      .flatMap((rule) => accepted(rule, 'destination'))
      .filter((cidr) => isNetwork(cidr) && isOfPods(cidr, flannelsFrom.has(cidr), leading)),
  ]
  return [...new Set(found)].filter(isNetwork)
}

/**
 * Whether a network that FORWARD accepts is one of pods, and not of a VPN: a route in it leads to pods; or flannel accepts
 * it in both directions, and no interface has the network for its own.
 */
function isOfPods(cidr: string, bothWays: boolean, routes: readonly LeadingRoute[]): boolean {
  const network = parseNetwork(cidr)
  if (!network) return false
  const inside = routesIn(network, routes)
  if (inside.some(({ device }) => leadsToPods(device))) return true
  return bothWays && !inside.some((route) => route.cidr === cidr)
}

/** A route that has a device. */
interface LeadingRoute extends Network {
  readonly cidr: string
  readonly device: string
}

const byAddress = onceForLast((routes: readonly Route[]): readonly LeadingRoute[] =>
  routes
    .flatMap(({ cidr, device }) => {
      const network = parseNetwork(cidr)
      return network && device !== undefined ? [{ ...network, cidr, device }] : []
    })
    .sort((a, b) => a.first - b.first),
)

function routesIn(network: Network, routes: readonly LeadingRoute[]): readonly LeadingRoute[] {
  const start = firstIndex(routes.length, (at) => (routes[at]?.first ?? 0) >= network.first)
  const end = firstIndex(routes.length, (at) => (routes[at]?.first ?? 0) > network.last)
  return routes.slice(start, end).filter((route) => contains(network, route))
}

/** The network that a rule accepts as source or destination, if it has no other condition. */
function accepted(rule: Rule, side: 'source' | 'destination'): string[] {
  const [match, ...others] = rule.matches.filter(
    (m) => m.kind !== 'module' || m.module !== 'comment',
  )
  if (rule.target?.name !== 'ACCEPT' || others.length > 0) return []
  return match?.kind === side && !match.negated ? [match.cidr] : []
}

function isNetwork(cidr: string): boolean {
  const length = cidr.includes('/') ? parseNetwork(cidr)?.length : undefined
  return length !== undefined && length > 0 && length < 32
}
