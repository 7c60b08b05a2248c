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

/** The address that a host speaks from when it speaks to `peer`, by its routes; undefined if none leads there. */
export function sourceTowards(
  peer: string,
  routes: readonly Route[],
  interfaces: readonly Interface[],
): string | undefined {
  const address = ipaddr.IPv4.parse(peer)
  const best = routes
    .filter((route) => route.kind === 'unicast' && address.match(ipaddr.IPv4.parseCIDR(route.cidr)))
    .sort((a, b) => prefixLength(b) - prefixLength(a))[0]
  return best?.source ?? interfaces.find(({ name }) => name === best?.device)?.addresses[0]
}

function prefixLength(route: Route): number {
  return Number(route.cidr.split('/')[1])
}
