import { firstIndex } from '../ip/first-index.ts'
import { parseAddress } from '../ip/ipv4.ts'
import { parseRange, type Range } from '../ip/ipv4-ranges.ts'
import { onceFor } from '../memory/once-for.ts'
import type { Interface } from './interfaces.ts'
import { type Route, withHops } from './routes.ts'

/** The other hosts of a cluster, by their addresses: `all` but `own`. Thousands of hosts have the list of all in common. */
export interface Peers {
  readonly all: readonly string[]
  readonly own: string | undefined
}

/** The addresses from which a host speaks to its peers, by its routes, each once. A peer without a route has none. */
export function sourcesTowards(
  peers: Peers,
  routes: readonly Route[],
  interfaces: readonly Interface[],
): readonly string[] {
  const unicast = routes.filter(({ kind }) => kind === 'unicast')
  const sources = sourcesBy(routesTaken(peers, unicast), routes, interfaces)
  return [...new Set(sources.flatMap(({ own }) => own ?? []))]
}

/** From where a host sends by a route: its own packets, and those that it masquerades. Masquerading does not heed the source of a route. */
interface Sources {
  readonly own: string | undefined
  readonly masquerading: string | undefined
}

/** The addresses from which a host sends by each of some routes. `routes` are all of the host. */
export function sourcesBy(
  taken: readonly Route[],
  routes: readonly Route[],
  interfaces: readonly Interface[],
): readonly Sources[] {
  const subnets = subnetsOf(routes.filter(({ kind }) => kind === 'unicast'))
  const addresses = new Map(interfaces.map((one) => [one.name, one.addresses]))
  return taken.map(({ source, device = '', via }) => {
    const known = addresses.get(device) ?? []
    const masquerading = besideGateway(via, known, subnets.get(device) ?? []) ?? known[0]
    return { own: source ?? masquerading, masquerading }
  })
}

/** The routes by which a host reaches its peers, with all next hops. A peer without a route has none. */
export function routesToPeers(peers: Peers, routes: readonly Route[]): readonly Route[] {
  const unicast = routes.filter(({ kind }) => kind === 'unicast')
  const taken = new Set(routesTaken(peers, unicast).map(({ cidr }) => cidr))
  return unicast.filter(({ cidr }) => taken.has(cidr))
}

/** The subnet of an address of the host. */
interface Subnet extends Range {
  readonly source: string
}

/** The subnets of each interface, by the routes that the kernel makes for its addresses. */
function subnetsOf(routes: readonly Route[]): ReadonlyMap<string, readonly Subnet[]> {
  const found = new Map<string, Subnet[]>()
  for (const { cidr, via, source, device = '' } of routes) {
    const range = via === undefined && source !== undefined ? parseRange(cidr) : undefined
    if (!range || source === undefined) continue
    const subnets = found.get(device) ?? []
    subnets.push({ ...range, source })
    found.set(device, subnets)
  }
  return found
}

/** The first address of an interface that is in one subnet with the gateway (inet_select_addr, net/ipv4/devinet.c in Linux). */
function besideGateway(
  via: string | undefined,
  addresses: readonly string[],
  subnets: readonly Subnet[],
): string | undefined {
  const gateway = via === undefined ? undefined : parseAddress(via)
  if (gateway === undefined) return undefined
  const around = subnets.filter(({ first, last }) => first <= gateway && gateway <= last)
  return addresses.find((address) => around.some(({ source }) => source === address))
}

/** A network with the first route to it, over all its next hops. `left`: how many peers are in it, and in no narrower network. */
interface Network extends Range {
  readonly hops: readonly Route[]
  left: number
}

/**
 * The routes that lead to any peer. A network lies within another or beside it, so counting the peers in each tells which it has for
 * itself. To look up each peer on each host would take the square of the number of hosts.
 */
function routesTaken(peers: Peers, routes: readonly Route[]): readonly Route[] {
  const networks = withHops(routes).flatMap((hops): Network | readonly [] => {
    const range = parseRange(hops[0].cidr)
    const left = range ? peersIn(peers, range) : 0
    return range && left > 0 ? { ...range, hops, left } : []
  })
  const outer: Network[] = []
  const found: Network[] = []
  for (const network of networks.sort((a, b) => a.first - b.first || b.last - a.last)) {
    while ((outer.at(-1)?.last ?? network.last) < network.first) outer.pop()
    const around = outer.at(-1)
    // Of several routes to one network, the kernel takes the first. Of its next hops, it takes any.
    if (around?.first === network.first && around.last === network.last) continue
    if (around) around.left -= network.left
    outer.push(network)
    found.push(network)
  }
  return found.flatMap(({ hops, left }) => (left > 0 ? hops : []))
}

function peersIn({ all, own }: Peers, { first, last }: Range): number {
  const numbers = ascending(all)
  const from = firstIndex(numbers.length, (at) => (numbers[at] ?? 0) >= first)
  const end = firstIndex(numbers.length, (at) => (numbers[at] ?? 0) > last)
  const self = own === undefined ? undefined : parseAddress(own)
  const isSelfIn = self !== undefined && self >= first && self <= last
  return end - from - (isSelfIn ? 1 : 0)
}

/** Addresses as numbers, each once; what is no address is left out. */
const ascending = onceFor((addresses: readonly string[]): readonly number[] =>
  [...new Set(addresses.flatMap((address) => parseAddress(address) ?? []))].sort((a, b) => a - b),
)
