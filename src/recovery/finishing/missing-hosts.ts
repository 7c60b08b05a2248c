import type { Inventory } from '../../inventory/inventory.ts'
import type { PastHost, PastRun } from '../../journal/past-run.ts'
import { type RecoveredHost, unfinished } from '../../outcomes/recovery.ts'
import { isStillRemoved } from '../../runs/removed-host.ts'
import { typed } from '../../shell.ts'

/** What recover says of a host of a past run that the inventory does not have now, or has at another address. */
export function absence(
  host: PastHost,
  past: PastRun,
  inventory: Inventory,
): RecoveredHost | undefined {
  const { name, address } = host
  const one = inventory.hosts.find((candidate) => candidate.name === name)
  if (one?.address === address) return undefined
  const why = one
    ? `the inventory has ${name} at ${one.address} now, but that run changed it at ${address}`
    : `${name} is not in the inventory now; that run changed it at ${address}`
  const old = oldFile(host, past)
  const gone =
    old === undefined
      ? 'If it is gone, or has another name or address now, run'
      : `If it is gone, ${old}. Then run`
  const remedy = `If the host still exists, run \`fw-run recover\` with an inventory that has ${name} at ${address}. ${gone} \`fw-run apply\` or \`fw-run remove\` on all hosts of this inventory file. That finishes the run, too.`
  return unfinished(name, why, remedy)
}

/** What to do about a host of a past run if it does not exist any more. */
export function ifGone(host: PastHost, past: PastRun): string {
  const first = oldFile(host, past) ?? 'delete it from the inventory file'
  return `If the host is gone for good, ${first}. Then run \`fw-run apply\` or \`fw-run remove\` on all other hosts. That finishes the run, too.`
}

/** What to do with the old inventory file, if only that still leads to the host. */
function oldFile(host: PastHost, past: PastRun): string | undefined {
  if (!past.edit || !isStillRemoved(host, past)) return undefined
  return `delete the old inventory file: \`rm ${typed(past.edit.backup)}\``
}
