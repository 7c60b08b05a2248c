import { isPodTunnel, leadsToPods } from '../../facts/pod-interface-names.ts'
import { parseRange, type Range } from '../../ip/ipv4-ranges.ts'
import type { HostModel } from './host-model.ts'
import { inside } from './routing.ts'

/** Whether pods of other hosts come through a tunnel: one is up, and a route of their network leaves by it. */
export function hasTunnel({ intent, routes }: HostModel, network: Range): boolean {
  return intent.network.interfaces.some(
    ({ name, up }) =>
      up &&
      isPodTunnel(name) &&
      routes.some(
        (route) =>
          route.route.kind === 'unicast' && route.route.device === name && inside(route, network),
      ),
  )
}

/**
 * Whether flannel is at work for a pod network. Its chain may be left from before. So packets must reach the chain, it
 * must accept the network, and a device of flannel must be up with an address in the network. With flannel, each other
 * host has a route.
 */
export function hasFlannel({ intent, rules }: HostModel, network: Range): boolean {
  const accepts = rules.some(
    ({ chain, matches, target }) =>
      chain === 'FLANNEL-FWD' &&
      target?.name === 'ACCEPT' &&
      matches.some(
        (match) => match.kind === 'source' && !match.negated && holds(match.cidr, network),
      ),
  )
  return (
    accepts &&
    intent.network.interfaces.some(
      ({ name, up, addresses }) =>
        up && name.startsWith('flannel') && addresses.some((address) => isIn(address, [network])),
    )
  )
}

/**
 * Whether only pods are behind an interface. For the interfaces of pods and their bridges the name is enough: CNI plugins
 * make them, and outsiders do not come in by them. A tunnel, or a veth pair with an address, may serve others as well: it
 * counts only if all its addresses and routes belong to pods.
 */
export function servesPods(model: HostModel, name: string): boolean {
  if (!leadsToPods(name)) return false
  if (!isPodTunnel(name) && !name.startsWith('veth')) return true
  const { intent, routes, podNetworks } = model
  const own = intent.network.interfaces.find((one) => one.name === name)
  return (
    (own?.addresses ?? []).every((address) => isIn(address, podNetworks)) &&
    routes
      .filter(({ route }) => route.kind === 'unicast' && route.device === name)
      .every((route) => podNetworks.some((network) => inside(route, network)))
  )
}

function holds(cidr: string, network: Range): boolean {
  const range = parseRange(cidr)
  return range !== undefined && inside(network, range)
}

function isIn(address: string, networks: readonly Range[]): boolean {
  const one = parseRange(address)
  return one !== undefined && networks.some((network) => inside(one, network))
}
