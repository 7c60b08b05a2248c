import type { HostNetwork } from '../facts/host-network.ts'
import type { Interface } from '../facts/interfaces.ts'
import { uncovered } from '../ip/dual-ranges.ts'

/**
 * Whether outsiders may come in by an interface without an address, whatever rp_filter is: Linux then takes packets whose source
 * has a route by it (dev_match in __fib_validate_source, net/ipv4/fib_frontend.c). A route to members, pods and nobody else lets
 * no outsider in. The routes of a tunnel are often in another table, and what IPsec decrypts there is not filtered.
 */
export function letsInWithoutAddress(
  { name, tunnel }: Interface,
  { routes }: HostNetwork,
  insiders: readonly string[],
): boolean {
  const own = routes.filter(({ kind, device }) => kind === 'unicast' && device === name)
  if (own.length === 0) return tunnel === true
  const networks = own.map(({ cidr }) => cidr)
  return uncovered(networks, insiders).length > 0
}
