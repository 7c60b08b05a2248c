import { dualContains, parseDual } from '../ip/dual.ts'
import type { HostFacts } from './host-facts.ts'
import type { HostNetwork } from './host-network.ts'
import { isBeforePods, isOfKubeOvn } from './inner-interface-names.ts'
import { leadsToPods } from './pod-interface-names.ts'
import type { Route } from './routes.ts'

/**
 * The routes of a host, of both families, that lead to pods by an interface with a known name. Link-local ones are left out, and
 * what is not of pods on these interfaces: networks of services, and that of the hosts themselves.
 */
export function podRoutes({ interfaces, routes }: HostNetwork, ipv6: HostFacts['ipv6']): Route[] {
  const own = [
    ...interfaces.map(({ name, addresses }) => ({ device: name, addresses })),
    ...ipv6.addresses.map(({ device, address }) => ({ device, addresses: [address] })),
  ]
  const leads = ({ cidr, device = '', via }: Route): boolean =>
    leadsToPods(device) ||
    (via === undefined && isBeforePods(device)) ||
    (isOfKubeOvn(device) && !isDefault(cidr) && !joins(cidr, device, own))
  return [...routes, ...ipv6.routes].filter(
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

/**
 * Whether a network is that by which the hosts of Kube-OVN reach its router: the host has an address of its own there. All other
 * routes by `ovn0` are those of subnets of pods, because Kube-OVN deletes what else is there (routeDiff, pkg/daemon).
 */
function joins(
  cidr: string,
  device: string,
  own: readonly { readonly device: string; readonly addresses: readonly string[] }[],
): boolean {
  const network = parseDual(cidr)
  return own.some(
    (one) =>
      one.device === device &&
      one.addresses.some((address) => {
        const range = parseDual(address)
        return network !== undefined && range !== undefined && dualContains(network, range)
      }),
  )
}
