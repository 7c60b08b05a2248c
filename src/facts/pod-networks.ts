import type { Sections } from '../agent/sections.ts'
import { isCoveredBy, uncovered } from '../ip/dual-ranges.ts'
import { firstIndex } from '../ip/first-index.ts'
import { contains, type Network, parseNetwork } from '../ip/ipv4-ranges.ts'
import type { Rule } from '../iptables/rule.ts'
import { rulesOf } from '../iptables/ruleset.ts'
import { maxPools } from '../limits.ts'
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
 * The pod networks that a host knows, as CIDRs: flannel's, the pools of Calico that pods use, and those that rules of flannel in
 * FORWARD or FLANNEL-FWD accept by destination. A single address or the default route is none. FLANNEL-FWD counts only
 * where FORWARD jumps to it: the chain stays when flannel is gone. A pool that is all that the host knows is taken for used,
 * and so is one that our guard closes already (`closed`): its pods may be gone only for the night.
 */
export function podNetworks(
  state: HostState,
  flannel: string | undefined,
  routes: readonly Route[],
  closed: readonly string[] = [],
): readonly string[] {
  const isNewer = state.sets.has(newerSet)
  const networksOf = (isUsed: (pool: string) => boolean): readonly string[] =>
    networksWith(state, flannel, routes, isUsed)
  const isUsed = (pool: string): boolean => isForPods(pool, byAddress(routes), isNewer)
  // A pool within another network is closed with that.
  const idle = closed.length === 0 ? [] : uncovered(calicoPools(state), networksOf(isUsed))
  const kept = new Set(idle.filter((pool) => isCoveredBy(pool, closed)))
  return networksOf((pool) => kept.has(pool) || isUsed(pool))
}

/**
 * The same, but a pool beside other networks counts only if a route shows that it is for pods. For `forward`, which closes no
 * network, but trusts what comes from one of pods: a disabled pool may name the network of outsiders.
 */
export function shownPodNetworks(
  state: HostState,
  flannel: string | undefined,
  routes: readonly Route[],
): readonly string[] {
  return networksWith(state, flannel, routes, (pool) => isForPods(pool, byAddress(routes), false))
}

function networksWith(
  state: HostState,
  flannel: string | undefined,
  routes: readonly Route[],
  isUsed: (pool: string) => boolean,
): readonly string[] {
  const pools = calicoPools(state)
  const forward = rulesOf(state.ruleset, 'filter', 'FORWARD')
  const from = new Set(forward.flatMap((rule) => accepted(rule, 'source')))
  const to = new Set(forward.flatMap((rule) => accepted(rule, 'destination')).filter(isNetwork))
  const leading = byAddress(routes)
  const flannels = rulesOf(state.ruleset, 'filter', 'FLANNEL-FWD')
  const flannelsFrom = new Set(flannels.flatMap((rule) => accepted(rule, 'source')))
  const found = [
    ...(flannel ? [flannel] : []),
    ...pools.filter(isUsed),
    ...[...to].filter((cidr) => isOfPods(cidr, from.has(cidr), leading)),
    ...(forward.some(({ target }) => target?.name === 'FLANNEL-FWD') ? flannels : [])
      .flatMap((rule) => accepted(rule, 'destination'))
      .filter((cidr) => isNetwork(cidr) && isOfPods(cidr, flannelsFrom.has(cidr), leading)),
  ]
  const networks = [...new Set(found)].filter(isNetwork)
  return networks.length === 0 && pools.length === 1 ? pools : networks
}

/**
 * The IP pools of Calico, as CIDRs: also those that are disabled, and in the older set those for load balancers only
 * (projectcalico/calico#12767). Felix deletes the sets that it no longer needs.
 */
export function calicoPools({ sets }: HostState): readonly string[] {
  const set = sets.get(newerSet) ?? sets.get('cali40all-ipam-pools')
  return (set?.members ?? []).filter(isNetwork).slice(0, maxPools)
}

/** The pools of Calico in which the host has no route: so nothing shows whether any pod is there, or how its packets come in. */
export function poolsWithoutRoutes(state: HostState, routes: readonly Route[]): readonly string[] {
  const leading = byAddress(routes)
  return calicoPools(state).filter((pool) => {
    const network = parseNetwork(pool)
    return network !== undefined && routesIn(network, leading).length === 0
  })
}

/** The pools of Calico in which a host has pods or blocks of its own. So a pool is for pods, whatever the routes of other hosts show. */
export function poolsWithOwnPods(state: HostState, routes: readonly Route[]): readonly string[] {
  const own = routes
    .filter((route) =>
      route.kind === 'blackhole'
        ? isOfCalico(route)
        : route.via === undefined && leadsToPods(route.device ?? ''),
    )
    .flatMap(({ cidr }) => parseNetwork(cidr) ?? [])
  return calicoPools(state).filter((pool) => {
    const network = parseNetwork(pool)
    return network !== undefined && own.some((one) => contains(network, one))
  })
}

const newerSet = 'cali40network-ip-pools'

/**
 * Whether a pool is for pods. A route shows it: it leads to pods, or Calico made it for a block of addresses. The newer set
 * leaves out pools of load balancers, so there only a route to others speaks against it: some disable a pool with the
 * network of others, so that Calico does not masquerade packets to it.
 */
function isForPods(pool: string, routes: readonly RangedRoute[], isNewer: boolean): boolean {
  const network = parseNetwork(pool)
  if (!network) return false
  const inside = routesIn(network, routes)
  return inside.some(isOfCalico) || (isNewer && inside.length === 0)
}

/** Felix marks its routes to blocks by 80, and BIRD by 12, which newer versions of `ip` call by its name. */
function isOfCalico({ device = '', protocol = '' }: Route): boolean {
  return leadsToPods(device) || ['bird', '12', '80'].includes(protocol)
}

/**
 * Whether a network that FORWARD accepts is one of pods, and not of a VPN: a route in it leads to pods; or flannel accepts
 * it in both directions, and no interface has the network for its own.
 */
function isOfPods(cidr: string, bothWays: boolean, routes: readonly RangedRoute[]): boolean {
  const network = parseNetwork(cidr)
  if (!network) return false
  const inside = routesIn(network, routes).filter(({ device }) => device !== undefined)
  if (inside.some(({ device = '' }) => leadsToPods(device))) return true
  return bothWays && !inside.some((route) => route.cidr === cidr)
}

type RangedRoute = Network & Route

const byAddress = onceForLast((routes: readonly Route[]): readonly RangedRoute[] =>
  routes
    .flatMap((route) => {
      const network = parseNetwork(route.cidr)
      return network ? [{ ...network, ...route }] : []
    })
    .sort((a, b) => a.first - b.first),
)

function routesIn(network: Network, routes: readonly RangedRoute[]): readonly RangedRoute[] {
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
