import type { HostNetwork } from '../facts/host-network.ts'
import { isPodTunnel } from '../facts/pod-interface-names.ts'
import type { Route } from '../facts/routes.ts'
import { areMeant } from '../inventory/interface-names.ts'
import { dualContains, parseDual } from '../ip/dual.ts'

/**
 * Whether pods of other hosts come in bare, so by a guarded interface, with their own addresses as source. Routes to
 * pods show it, because answers leave by them. Or no route names pods of other hosts: then only routers of the cloud
 * know these, as with kubenet. `routes` and `cidr` may be of both families.
 */
export function arrivesBare(
  cidr: string,
  routes: readonly Route[],
  { interfaces }: HostNetwork,
  guarded: readonly string[],
): boolean {
  const network = parseDual(cidr)
  if (!network) return false
  const ranged = routes.flatMap((route) => {
    const range = route.kind === 'unicast' ? parseDual(route.cidr) : undefined
    return range ? [{ ...range, route }] : []
  })
  const inside = ranged.filter((range) => dualContains(network, range))
  if (inside.some(({ route }) => areMeant(guarded, route.device ?? ''))) return true
  const here = inside.filter(
    ({ route: { via, device = '' } }) => via === undefined && !isPodTunnel(device),
  )
  const tunnelled = interfaces.some(
    ({ name, up, addresses }) =>
      up &&
      isPodTunnel(name) &&
      addresses.some((address) => {
        const own = parseDual(address)
        return own !== undefined && dualContains(network, own)
      }),
  )
  if (here.length === 0 || here.length < inside.length || tunnelled) return false
  const [around] = ranged
    .filter((range) => dualContains(range, network) && !inside.includes(range))
    .sort((a, b) => b.length - a.length)
  return areMeant(guarded, around?.route.device ?? '')
}
