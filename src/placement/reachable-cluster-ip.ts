import type { HostState } from '../facts/state.ts'
import { walk } from '../flow/walk.ts'
import { guardRule } from '../guard/forward-rule.ts'
import type { ForwardIntent } from '../guard/intent.ts'
import { maxServices, maxTriedOnInterface } from '../limits.ts'
import { conflictAt } from './conflicts/conflicts.ts'
import { atForward, fresh, syn } from './flows/flow.ts'
import { pairs } from './flows/pairs.ts'
import { hostModelOf } from './host/host-model.ts'
import { outsidersOn } from './host/outsiders.ts'
import { clusterIps } from './host/published-ports.ts'

/** A service that outsiders reach by its ClusterIP. */
export interface ReachableClusterIp {
  /** Its address and port, as `10.43.0.1:443`. */
  readonly service: string
  /** `rule`: a rule before ours accepts them. `exempt`: our own rule spares what nat translates. */
  readonly because: 'rule' | 'exempt'
}

/** The first service that an outsider surely reaches by its ClusterIP with our rule at a position. Pure. */
export function reachableClusterIp(
  state: HostState,
  intent: ForwardIntent,
  position: number,
): ReachableClusterIp | undefined {
  const model = hostModelOf(state, intent)
  const { ruleset } = model
  const services = clusterIps(ruleset).slice(0, maxServices)
  for (const on of intent.interfaces) {
    const outsiders = outsidersOn(model, on).slice(0, maxTriedOnInterface)
    const requests = pairs(services, outsiders, model.maxPairs)
    for (const [{ address: destination, protocol, port }, { address: source }] of requests) {
      const about = {
        ...{ ...fresh, ...(protocol === 'tcp' ? syn : {}), protocol },
        ...{ in: on, source, destination, destinationPort: port },
      }
      const arriving = { aim: 'stop', title: '', about, remedy: '', invented: false } as const
      const flows = atForward(arriving, model).filter(
        ({ packet, world }) =>
          packet.dnat &&
          walk(ruleset, 'filter', 'FORWARD', packet, world).certain?.kind === 'accept',
      )
      const conflict = conflictAt(ruleset, flows, [guardRule(intent, on)], position)
      const service = `${destination}:${port}`
      if (conflict) return { service, because: conflict.rule ? 'rule' : 'exempt' }
    }
  }
  return undefined
}
