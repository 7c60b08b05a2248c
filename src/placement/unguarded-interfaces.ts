import type { HostFacts } from '../facts/host-facts.ts'
import { isOfContainers, isOfHost } from '../facts/inner-interface-names.ts'
import { inForward, isPort } from '../facts/interfaces.ts'
import type { HostState } from '../facts/state.ts'
import { letsInWithoutAddress } from '../guard/entry-without-address.ts'
import type { ForwardIntent } from '../guard/intent.ts'
import { maxTriedOnInterface } from '../limits.ts'
import { atOnce } from '../waiting/pieces.ts'
import { getsThrough } from './flows/flow.ts'
import { outsiderFlows } from './flows/outsider-flows.ts'
import { bridgesOf } from './host/bridges.ts'
import { type HostModel, hostModelOf } from './host/host-model.ts'
import { outsidersOn } from './host/outsiders.ts'
import { podsOf } from './host/pods.ts'
import { inside } from './host/routing.ts'
import { servesPods } from './host/tunnels-at-work.ts'

/** The names of interfaces by which an outsider may reach a pod although no rule of ours guards them. Pure. */
export function unguardedInterfaces(
  state: HostState,
  intent: ForwardIntent,
  ipv6: HostFacts['ipv6'],
): readonly string[] {
  const model = hostModelOf(state, intent)
  const bridges = new Set(bridgesOf(model).map(({ name }) => name))
  const withIpv6 = new Set(ipv6.addresses.map(({ device }) => device))
  const insiders = [...intent.podCidrs, ...intent.members]
  const { interfaces } = intent.network
  return inForward(interfaces)
    .filter(
      ({ name, up }) =>
        up &&
        !intent.interfaces.includes(name) &&
        !servesPods(model, name) &&
        !isOfHost(name) &&
        !isOfContainers(name),
    )
    .filter(
      (one) =>
        one.addresses.length > 0 ||
        withIpv6.has(one.name) ||
        (!isPort(one, interfaces) && letsInWithoutAddress(one, intent.network, insiders)),
    )
    .map(({ name }) => name)
    .filter((name) => !bridges.has(name) && leadsOut(model, name) && letsIn(model, name))
}

/** Whether an interface has routes to others than pods, or none at all: then they may stand in another routing table. */
function leadsOut({ routes, podNetworks }: HostModel, name: string): boolean {
  const own = routes.filter(({ route }) => route.kind === 'unicast' && route.device === name)
  const toPods = own.filter((route) => podNetworks.some((network) => inside(route, network)))
  return own.length === 0 || toPods.length < own.length
}

/** Whether an outsider who comes in by an interface may reach a pod. */
function letsIn(model: HostModel, name: string): boolean {
  const outsiders = outsidersOn(model, name).slice(0, maxTriedOnInterface)
  const pods = podsOf(model).slice(0, maxTriedOnInterface)
  return atOnce(outsiderFlows(model, outsiders, pods, name)).some((flow) =>
    getsThrough(model, flow),
  )
}
