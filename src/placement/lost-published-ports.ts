import type { HostState } from '../facts/state.ts'
import { guardRule } from '../guard/forward-rule.ts'
import type { ForwardIntent } from '../guard/intent.ts'
import { atOnce } from '../waiting/pieces.ts'
import { conflicts } from './conflicts/conflicts.ts'
import { publishedFlows } from './flows/published-flows.ts'
import { hostModelOf } from './host/host-model.ts'
import { outsidersOn } from './host/outsiders.ts'

/**
 * The published ports that outsiders use now and lose with our rule at a position, as `80/tcp`. Of ports that the rules
 * of FORWARD treat alike, only one is named. Pure.
 *
 * These are hostPorts, services with externalTrafficPolicy Local, and bare DNAT: there a client keeps its own address as
 * source. A port is lost as well if only the first packet of a connection carries the mark of kube-proxy.
 */
export function lostPublishedPorts(
  state: HostState,
  intent: ForwardIntent,
  position: number,
): readonly string[] {
  const model = hostModelOf(state, intent)
  const lost = intent.interfaces.flatMap((on) => {
    const { flows } = atOnce(publishedFlows(model, outsidersOn(model, on), on))
    return conflicts(model.ruleset, flows, [guardRule(intent, on)])[position - 1] ?? []
  })
  return [...new Set(lost.flatMap(({ flow }) => flow.port ?? []))]
}
