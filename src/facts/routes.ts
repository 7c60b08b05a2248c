import ipaddr from 'ipaddr.js'
import type { Sections } from '../agent/answer.ts'
import type { Interface } from './interfaces.ts'
import { textOf } from './reading.ts'

/** A route of the main table. `cidr` always has a prefix length; `default` is `0.0.0.0/0`. */
export interface Route {
  readonly kind: 'unicast' | 'blackhole' | 'other'
  readonly cidr: string
  readonly via: string | undefined
  readonly device: string | undefined
  readonly source: string | undefined
}

/** Reads `ip -4 route show`. A route over several next hops counts as a route for each. */
export function readRoutes(sections: Sections): readonly Route[] {
  return textOf(sections, 'routes')
    .replace(/\s*\n\s+nexthop /g, ' nexthop ')
    .split('\n')
    .flatMap((line) => {
      const [head = '', ...hops] = line.split(' nexthop ')
      return hops.length === 0
        ? parseRoute(head)
        : hops.flatMap((hop) => parseRoute(`${head} ${hop}`))
    })
}

function parseRoute(line: string): Route[] {
  const words = line.trim().split(/\s+/)
  const type = /^(?!default$)[a-z]+$/.exec(words[0] ?? '')?.[0] ?? 'unicast'
  const destination = words[words[0] === type ? 1 : 0] ?? ''
  const cidr = destination === 'default' ? '0.0.0.0/0' : destination
  const whole = cidr.includes('/') ? cidr : `${cidr}/32`
  if (!ipaddr.IPv4.isValidCIDR(whole)) return []
  const after = (name: string): string | undefined => {
    const at = words.indexOf(name)
    return at < 0 ? undefined : words[at + 1]
  }
  return [
    {
      kind: type === 'unicast' || type === 'blackhole' ? type : 'other',
      cidr: whole,
      // `via inet6 fe80::1` is a gateway as well, but none that an IPv4 set could hold.
      via: after('via') === 'inet6' ? undefined : after('via'),
      device: after('dev'),
      source: after('src'),
    },
  ]
}

/**
 * The addresses that a host speaks from when it speaks to `peers`, by its routes, each once; nothing for a peer that no
 * route leads to.
 */
export function sourcesTowards(
  peers: readonly string[],
  routes: readonly Route[],
  interfaces: readonly Interface[],
): readonly string[] {
  const byLength = routes
    .filter(({ kind }) => kind === 'unicast')
    .map((route) => ({ route, ...networkOf(route) }))
    .sort((a, b) => b.length - a.length)
  const sources = peers.map((peer) => {
    const address = numberOf(ipaddr.IPv4.parse(peer))
    const route = byLength.find(
      ({ first, size }) => address >= first && address < first + size,
    )?.route
    return route?.source ?? interfaces.find(({ name }) => name === route?.device)?.addresses[0]
  })
  return [...new Set(sources.filter((source) => source !== undefined))]
}

/** The routes to an address: those with the longest prefix, in the kernel's order; several hops are several routes. */
export function routesTowards(address: string, routes: readonly Route[]): readonly Route[] {
  const number = numberOf(ipaddr.IPv4.parse(address))
  const leading = routes
    .map((route) => ({ route, ...networkOf(route) }))
    .filter(({ first, size }) => number >= first && number < first + size)
  const longest = Math.max(...leading.map(({ length }) => length))
  return leading.filter(({ length }) => length === longest).map(({ route }) => route)
}

function networkOf({ cidr }: Route): { first: number; size: number; length: number } {
  const [address, length] = ipaddr.IPv4.parseCIDR(cidr)
  const size = 2 ** (32 - length)
  return { first: Math.floor(numberOf(address) / size) * size, size, length }
}

function numberOf(address: ipaddr.IPv4): number {
  return address.octets.reduce((number, octet) => number * 256 + octet, 0)
}
