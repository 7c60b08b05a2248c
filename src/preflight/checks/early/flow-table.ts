import { type EarlyCheck, pass, warn } from '../../check.ts'

/**
 * Whether connections that were opened before our guard may go on past it. Packets of a connection in a flow table skip
 * prerouting and forward. New connections do not: only one whose packets already pass both ways gets there.
 */
export const flowTable: EarlyCheck = {
  id: 'flow-table',
  judge({ facts, plan }) {
    const changesGuard =
      plan.kind === 'planned' &&
      plan.changes.some(({ kind }) => kind === 'table' || kind === 'chain')
    if (!facts.flowTable || !changesGuard) return pass
    return warn(
      'nftables on this host puts connections into a flow table. Packets of these connections skip our guard. The guard stops new connections of outsiders. But a connection that an outsider has opened before the change stays open',
      'After the change, run `conntrack -D -d POD_ADDRESS` on that host for each pod that outsiders may have reached. Or restart these pods.',
    )
  },
}
