import { isPort } from '../facts/interfaces.ts'
import type { HostState } from '../facts/state.ts'
import { type WalkResult, walk } from '../flow/walk.ts'
import type { ForwardIntent } from '../guard/intent.ts'
import type { Rule } from '../iptables/rule.ts'
import { maxTriedOnInterface } from '../limits.ts'
import { requestsToPods } from './flows/legitimate-flows.ts'
import { type HostModel, hostModelOf } from './host/host-model.ts'
import { podsOf } from './host/pods.ts'
import { servesPods } from './host/tunnels-at-work.ts'

/** What stops every new connection to pods on a host. */
export interface PodStop {
  /** A rule of FORWARD or of a chain below it; undefined if it is the policy of FORWARD. */
  readonly rule: Rule | undefined
  /** The guarded interfaces, and those behind which are only pods. `cali+` stands for all of Calico's, as in a rule. */
  readonly arrivals: readonly string[]
}

/**
 * What in FORWARD surely stops every new connection from nodes and pods of other hosts to the pods of this host. Our
 * rules do not count. Undefined if any connection may pass, or if network policies stop them on purpose. Pure.
 */
export function podStop(state: HostState, intent: ForwardIntent): PodStop | undefined {
  const model = hostModelOf(state, intent)
  const { ruleset } = model
  const pods = podsOf(model)
    .filter(({ real }) => real)
    .slice(0, maxTriedOnInterface)
  const flows = intent.interfaces.flatMap((on) => requestsToPods(model, pods, on))
  const stops = flows.map(({ packet, world }) =>
    stopOf(walk(ruleset, 'filter', 'FORWARD', packet, world)),
  )
  const [first] = stops
  if (!first || stops.some((stop) => !stop || ofPolicies.test(stop.rule?.chain ?? '')))
    return undefined
  return { ...first, arrivals: arrivalsOf(model) }
}

function arrivalsOf(model: HostModel): readonly string[] {
  const { interfaces, network } = model.intent
  const ofPods = network.interfaces
    .filter((one) => one.up && !isPort(one, network.interfaces) && servesPods(model, one.name))
    .map(({ name }) => (name.startsWith('cali') ? 'cali+' : name))
  return [...new Set([...interfaces, ...ofPods])]
}

/** The chains in which Calico, kube-router and Weave enforce network policies; no other program uses these names. */
const ofPolicies = /^(cali-|KUBE-(ROUTER|NWPLCY|POD-FW)|WEAVE-NPC)/

/** The rule that surely stops a packet, or the policy; undefined if the packet may pass. */
function stopOf({ verdicts, certain }: WalkResult): Pick<PodStop, 'rule'> | undefined {
  if (certain?.kind !== 'drop' && certain?.kind !== 'reject') return undefined
  const last = verdicts[0]?.path.at(-1)?.rule
  return { rule: last?.target?.name === 'RETURN' ? undefined : last }
}
