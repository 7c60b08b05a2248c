import { leadsToPods } from '../../facts/pod-devices.ts'
import type { ProtectIntent } from '../../guard/intent.ts'
import { maxTriedOnInterface } from '../../limits.ts'
import { bridgesOf } from '../../placement/bridges.ts'
import { getsThrough } from '../../placement/gets-through.ts'
import { type HostModel, hostModelOf } from '../../placement/host-model.ts'
import { outsiderFlows } from '../../placement/outsider-flows.ts'
import { outsidersOn } from '../../placement/outsiders.ts'
import { podsOf } from '../../placement/pods.ts'
import { inside } from '../../placement/routing.ts'
import { type ProtectionCheck, pass, type Subject, warn } from '../check.ts'

/** Whether somebody reaches pods by an interface that no rule of ours guards. */
export const unguardedInterfaces: ProtectionCheck = {
  title: 'no other interface leads to pods',
  judge(subject) {
    const open = openInterfaces(subject)
    if (open.length === 0) return pass
    return warn(
      `whoever comes in by ${open.join(', ')} reaches pods: only ${subject.intent.interfaces.join(', ')} is guarded`,
      `If there are neighbours behind it, list it in fw_interface as well: ${JSON.stringify([...subject.intent.interfaces, ...open])}.`,
    )
  },
}

/** Interfaces of the host itself, and of containers that are not pods. */
const own = /^(lo$|kube-|nodelocaldns|dummy|podman|cni-podman|docker)/

function openInterfaces({ state, intent, facts }: Subject<ProtectIntent>): readonly string[] {
  const model = hostModelOf(state, intent)
  const bridges = new Set(bridgesOf(model).map(({ name }) => name))
  return facts.interfaces
    .filter(
      ({ name, up, addresses }) =>
        up &&
        addresses.length > 0 &&
        !intent.interfaces.includes(name) &&
        !leadsToPods(name) &&
        !own.test(name),
    )
    .map(({ name }) => name)
    .filter((name) => !bridges.has(name) && leadsOut(model, name) && letsIn(model, name))
}

/** Whether not every route by an interface is one to pods. One without routes may have them in another table. */
function leadsOut({ routes, podNetworks }: HostModel, name: string): boolean {
  const own = routes.filter(({ route }) => route.kind === 'unicast' && route.device === name)
  const toPods = own.filter((route) => podNetworks.some((network) => inside(route, network)))
  return own.length === 0 || toPods.length < own.length
}

/** Whether a stranger who comes in by an interface may get to a pod. */
function letsIn(model: HostModel, name: string): boolean {
  const strangers = outsidersOn(model, name).slice(0, maxTriedOnInterface)
  const flows = outsiderFlows(model, strangers, podsOf(model).slice(0, maxTriedOnInterface), name)
  return flows.some((flow) => getsThrough(model, flow))
}
