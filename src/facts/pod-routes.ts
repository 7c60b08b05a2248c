import type { HostFacts } from './host-facts.ts'
import type { HostNetwork } from './host-network.ts'
import { isBeforePods, isOfKubeOvn } from './inner-interface-names.ts'
import { ownNetworks } from './own-networks.ts'
import { leadsToPods } from './pod-interface-names.ts'
import type { Route } from './routes.ts'

/**
 * The routes of a host, of both families, that lead to pods by an interface with a known name. Link-local ones are left out, and
 * what is not of pods on these interfaces: networks of services, and that of the hosts themselves.
 */
export function podRoutes(network: HostNetwork, ipv6: HostFacts['ipv6']): Route[] {
  const routes = [...network.routes, ...ipv6.routes]
  // The network by which hosts of Kube-OVN reach its router. Kube-OVN deletes all else there that does not lead to pods (routeDiff, pkg/daemon).
  const joining = ownNetworks(network, isOfKubeOvn, ipv6)
  const leads = (route: Route): boolean => {
    const { cidr, device = '', via } = route
    if (isOfKubeOvn(device)) return !isDefault(cidr) && !joining.includes(route)
    return leadsToPods(device) || (via === undefined && isBeforePods(device))
  }
  return routes.filter(
    (route) =>
      route.kind === 'unicast' &&
      leads(route) &&
      !route.cidr.startsWith('169.254.') &&
      !route.cidr.startsWith(antreaServices),
  )
}

/** How the addresses begin that Antrea invents for services in IPv6; in IPv4 they are link-local (pkg/agent/config in Antrea). */
const antreaServices = 'fc01::aabb:ccdd:'

function isDefault(cidr: string): boolean {
  return cidr === '0.0.0.0/0' || cidr === '::/0'
}
