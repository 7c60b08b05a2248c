import type { Sections } from '../agent/sections.ts'
import { parseAddress } from '../ip/ipv4.ts'
import { parseNetwork } from '../ip/ipv4-ranges.ts'
import { onceForLine } from '../memory/once-for.ts'
import { textOf } from './reading.ts'
import { isNeighbour } from './sections/tunnel-peers.ts'

/** A route of the main table. `cidr` always has a prefix length; the default route is `0.0.0.0/0`. */
export interface Route {
  readonly kind: 'unicast' | 'blackhole' | 'other'
  readonly cidr: string
  readonly via: string | undefined
  readonly device: string | undefined
  readonly source: string | undefined
  /** Who made it, as `ip route` calls him: `kernel`, `bird`, `80`. Undefined where it does not say. */
  readonly protocol?: string
  /** It is a further next hop of the route before it. */
  readonly further?: true
}

/** Reads the routes that `ip -4 -o` shows, in its order. A route with several next hops counts as one route for each. */
export function readRoutes(sections: Sections): readonly Route[] {
  const blocks: { readonly head: string; readonly hops: string[] }[] = []
  for (const line of textOf(sections, 'network').split('\n')) {
    if (line === '' || /^\d+:\s/.test(line) || isNeighbour(line)) continue
    // With -o, a backslash stands for a line break.
    for (const part of line.split('\\')) {
      const words = part.trim()
      if (words.startsWith('nexthop ')) blocks.at(-1)?.hops.push(words)
      else if (words !== '') blocks.push({ head: words, hops: [] })
    }
  }
  return blocks.flatMap(({ head, hops }) => {
    const route = parseRoute(head)
    if (!route) return []
    if (hops.length === 0) return [route]
    return hops.map((hop, at) => {
      const one = over(route, parseHop(hop))
      return at === 0 ? one : { ...one, further: true }
    })
  })
}

const parseRoute = onceForLine((text: string): Route | undefined => {
  const words = text.split(/\s+/)
  const [first = ''] = words
  const type = first !== 'default' && /^[a-z]+$/.test(first) ? first : undefined
  const destination = (type === undefined ? first : words[1]) ?? ''
  const cidr = destination === 'default' ? '0.0.0.0/0' : destination
  const whole = cidr.includes('/') ? cidr : `${cidr}/32`
  if (!parseNetwork(whole)) return undefined
  const kind = type === undefined || type === 'unicast' ? 'unicast' : 'other'
  return { kind: type === 'blackhole' ? type : kind, cidr: whole, ...parseHop(text) }
})

function parseHop(text: string): Pick<Route, 'via' | 'device' | 'source' | 'protocol'> {
  const words = text.split(/\s+/)
  const after = (name: string): string | undefined => {
    const at = words.indexOf(name)
    return at < 0 ? undefined : words[at + 1]
  }
  const protocol = after('proto')
  // A gateway such as `via inet6 fe80::1` cannot be in an IPv4 set.
  const via = after('via')
  return {
    via: via === 'inet6' ? undefined : via,
    device: after('dev'),
    source: after('src'),
    ...(protocol !== undefined && { protocol }),
  }
}

/** The route over one of its next hops. What the hop does not say, the route says for all. */
function over(route: Route, { via, device, source }: ReturnType<typeof parseHop>): Route {
  return {
    ...route,
    via: via ?? route.via,
    device: device ?? route.device,
    source: source ?? route.source,
  }
}

/** Routes, each with all its next hops. */
export function withHops(routes: readonly Route[]): readonly (readonly [Route, ...Route[]])[] {
  const found: [Route, ...Route[]][] = []
  for (const route of routes) {
    const before = route.further && found.at(-1)
    if (before) before.push(route)
    else found.push([route])
  }
  return found
}

/** The routes to an address: those with the longest prefix, in the kernel's order; one for each next hop. */
export function routesTowards(address: string, routes: readonly Route[]): readonly Route[] {
  let table = tables.get(routes)
  if (!table) {
    table = tableOf(routes)
    tables.set(routes, table)
  }
  return lookUp(table, address)
}

/** The devices by which packets to an address leave. */
export function devicesTowards(address: string, routes: readonly Route[]): readonly string[] {
  return routesTowards(address, routes).flatMap(({ kind, device }) =>
    kind === 'unicast' && device !== undefined ? [device] : [],
  )
}

/** The routes by prefix length, longest first, and there by the first address of their network. */
type RouteTable = readonly { readonly size: number; readonly routes: Map<number, Route[]> }[]

/** Made once for each host: it is asked for every packet. */
const tables = new WeakMap<readonly Route[], RouteTable>()

function tableOf(routes: readonly Route[]): RouteTable {
  const sizes = new Map<number, Map<number, Route[]>>()
  for (const route of routes) {
    const network = parseNetwork(route.cidr)
    if (!network) continue
    const size = network.last - network.first + 1
    const alike = sizes.get(size) ?? new Map<number, Route[]>()
    sizes.set(size, alike)
    const same = alike.get(network.first)
    if (same) same.push(route)
    else alike.set(network.first, [route])
  }
  return [...sizes].sort(([a], [b]) => a - b).map(([size, alike]) => ({ size, routes: alike }))
}

function lookUp(table: RouteTable, text: string): readonly Route[] {
  const address = parseAddress(text)
  if (address === undefined) return []
  for (const { size, routes } of table) {
    const found = routes.get(address - (address % size))
    if (found) return found
  }
  return []
}
