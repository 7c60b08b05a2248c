import type { Inventory } from '../../inventory/inventory.ts'
import type { PastHost } from '../../journal/past-run.ts'
import { type RecoveredHost, unfinished } from '../../outcomes/recovery.ts'

/** What recover says of a host of a past run that the inventory does not have now, or has at another address. */
export function absence(
  { name, address }: PastHost,
  inventory: Inventory,
): RecoveredHost | undefined {
  const one = inventory.hosts.find((host) => host.name === name)
  if (one?.address === address) return undefined
  const why = one
    ? `the inventory has ${name} at ${one.address} now, but that run changed it at ${address}`
    : `${name} is not in the inventory now; that run changed it at ${address}`
  const remedy = `If the host still exists, run \`fw-run recover\` with an inventory that has ${name} at ${address}. If it is gone, run \`fw-run apply\` or \`fw-run remove\` on all hosts of this inventory file. That finishes the run, too.`
  return unfinished(name, why, remedy)
}
