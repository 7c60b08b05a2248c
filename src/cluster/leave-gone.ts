import type { InventoryHost } from '../inventory/inventory.ts'
import type { Run } from '../runs/run.ts'
import type { OpenCluster } from './open-cluster.ts'

/** The cluster without a host that leaves it and cannot be reached. Says that its guard was not removed. */
export function leaveGone<Cluster extends OpenCluster>(
  cluster: Cluster,
  leaving: InventoryHost | undefined,
  run: Run,
): Cluster {
  const one = cluster.opened.find(({ host }) => host === leaving)
  const found = one?.findings.find(({ unreachable }) => unreachable)?.result
  if (!one || found?.kind !== 'fail') return cluster
  const { name, address } = one.host
  const message = `fw-run removes ${name} (${address}) from the inventory, but could not log in to that host: ${found.reason}. ${name} may still have its guard. If the host still exists, run \`fw-run remove -i ${address},\``
  run.emit({ kind: 'warning', message })
  const { inventory } = cluster
  return {
    ...cluster,
    inventory: { ...inventory, warnings: [...inventory.warnings, message] },
    hosts: cluster.hosts.filter((host) => host !== leaving),
    opened: cluster.opened.filter(({ host }) => host !== leaving),
  }
}
