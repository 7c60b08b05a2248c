import type { HostState } from '../../../facts/state.ts'
import { closedNetworks, type EarlyIntent } from '../../../guard/intent.ts'
import { standingGuards } from '../../../guard/standing-guard.ts'
import { areMeant } from '../../../inventory/interface-names.ts'
import { type Family, families, ofFamily } from '../../../ip/dual.ts'
import { uncovered } from '../../../ip/dual-ranges.ts'
import { type EarlyCheck, pass, warn } from '../../check.ts'

/**
 * Whether connections that were opened before our guard may go on past it. Packets of a connection in a flow table skip
 * prerouting and forward. New connections do not: only one whose packets already pass both ways gets there.
 */
export const flowTable: EarlyCheck = {
  id: 'flow-table',
  judge({ facts, state, intent, plan }) {
    if (!facts.flowTable || plan.kind === 'refused') return pass
    if (families.every((family) => isGuarded(state, intent, family))) return pass
    return warn(
      'nftables on this host puts connections into a flow table. Packets of these connections skip the guard. The guard stops new connections of outsiders. But a connection that an outsider has opened before the change stays open',
      'After the change, run `conntrack -D -d POD_ADDRESS` on that host for each pod that outsiders may have reached. Or restart these pods.',
    )
  },
}

/** Whether a guard before routing already closes all wanted networks of a family, on all interfaces. */
function isGuarded(state: HostState, intent: EarlyIntent, family: Family): boolean {
  const wanted = ofFamily(closedNetworks(intent), family)
  return (
    wanted.length === 0 ||
    standingGuards(state, family).some(
      ({ interfaces, closed }) =>
        uncovered(wanted, closed).length === 0 &&
        intent.interfaces.every((one) => areMeant(interfaces, one)),
    )
  )
}
