import type { OpenedHost } from '../../cluster/open-hosts.ts'
import type { HostFacts } from '../../facts/host-facts.ts'
import type { Peers } from '../../facts/peers.ts'
import { planHost } from '../../plan/plan.ts'
import type { Subject } from '../../preflight/check.ts'
import { anyFails, preliminaryFindings } from '../../preflight/preflight.ts'
import type { Goal } from '../goal.ts'

/**
 * Which guard would work on a host in place of `forward`: the first of which no check fails there. It is found when a
 * remedy first asks for it.
 */
export function otherGuard(
  opened: OpenedHost,
  facts: HostFacts,
  goal: Goal,
  peers: Peers,
): Subject['instead'] {
  let found: { readonly guard: ReturnType<Subject['instead']> } | undefined
  return () => {
    found ??= { guard: kinds.find((guard) => works(opened, facts, goal, peers, guard)) }
    return found.guard
  }
}

const kinds = ['nft', 'mangle'] as const

function works(
  opened: OpenedHost,
  facts: HostFacts,
  goal: Goal,
  peers: Peers,
  guard: (typeof kinds)[number],
): boolean {
  const { state, network } = facts
  if (goal.kind !== 'protect' || state.kind !== 'read' || network.kind !== 'read') return false
  const host = { ...opened.host, settings: { ...opened.host.settings, guard } }
  const intent = goal.intentOf({ ...opened, host }, state.value, network.value)
  const plan = planHost(state.value, intent)
  const about = { host, facts, state: state.value, intent, plan, peers, instead: () => undefined }
  const preliminary = preliminaryFindings(facts, 'look', guard)
  return !preliminary.some(({ result }) => result.kind === 'fail') && !anyFails(about, 'audit')
}
