import { dualContains, parseDual } from '../ip/dual.ts'
import type { HostFacts } from './host-facts.ts'
import type { HostNetwork } from './host-network.ts'
import type { Route } from './routes.ts'

/**
 * The routes to the networks in which a host has an address of its own, on the interfaces that count: nodes and other
 * machines of the subnet are there. The default route and those with a gateway lead to others.
 */
export function ownNetworks(
  { interfaces, routes }: HostNetwork,
  counts: (device: string) => boolean,
  ipv6: Pick<HostFacts['ipv6'], 'addresses' | 'routes'> = { addresses: [], routes: [] },
): readonly Route[] {
  const own = new Map<string, string[]>()
  for (const { name, addresses } of interfaces) own.set(name, [...addresses])
  for (const { device, address } of ipv6.addresses) {
    own.set(device, [...(own.get(device) ?? []), address])
  }
  return [...routes, ...ipv6.routes].filter(({ kind, cidr, via, device = '' }) => {
    if (kind !== 'unicast' || via !== undefined || !counts(device)) return false
    const network = parseDual(cidr)
    return (own.get(device) ?? []).some((text) => {
      const address = parseDual(text)
      return network && network.length > 0 && address && dualContains(network, address)
    })
  })
}
