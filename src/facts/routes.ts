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

/** Reads `ip -4 route show`. */
export function readRoutes(sections: Sections): readonly Route[] {
  return textOf(sections, 'routes')
    .split('\n')
    .flatMap((line) => {
      const words = line.trim().split(/\s+/)
      const typed = /^(blackhole|unreachable|prohibit|throw|local|broadcast)$/.test(words[0] ?? '')
      const destination = words[typed ? 1 : 0]
      if (!destination) return []
      const after = (name: string): string | undefined => {
        const at = words.indexOf(name)
        return at < 0 ? undefined : words[at + 1]
      }
      const cidr = destination === 'default' ? '0.0.0.0/0' : destination
      return [
        {
          kind: !typed ? 'unicast' : words[0] === 'blackhole' ? 'blackhole' : 'other',
          cidr: cidr.includes('/') ? cidr : `${cidr}/32`,
          via: after('via'),
          device: after('dev'),
          source: after('src'),
        } as const,
      ]
    })
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

function networkOf({ cidr }: Route): { first: number; size: number; length: number } {
  const [address, length] = ipaddr.IPv4.parseCIDR(cidr)
  const size = 2 ** (32 - length)
  return { first: Math.floor(numberOf(address) / size) * size, size, length }
}

function numberOf(address: ipaddr.IPv4): number {
  return address.octets.reduce((number, octet) => number * 256 + octet, 0)
}
