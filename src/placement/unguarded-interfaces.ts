import type { HostState } from '../facts/state.ts'
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
export function unguardedInterfaces(state: HostState, intent: ForwardIntent): readonly string[] {
  const model = hostModelOf(state, intent)
  const bridges = new Set(bridgesOf(model).map(({ name }) => name))
  return intent.network.interfaces
    .filter(
      ({ name, up, addresses }) =>
        up &&
        addresses.length > 0 &&
        !intent.interfaces.includes(name) &&
        !servesPods(model, name) &&
        !own.test(name),
    )
    .map(({ name }) => name)
    .filter((name) => !bridges.has(name) && leadsOut(model, name) && letsIn(model, name))
}

/**
 * The interfaces of the host itself, and of containers that are not pods. Names are enough: these programs make them, and no
 * outsider comes in by them.
 */
const own = /^(lo$|kube-|nodelocaldns|dummy|podman|cni-podman|docker)/

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
