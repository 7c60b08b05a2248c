import type { Inventory } from '../../inventory/inventory.ts'
import type { PastHost, PastRun } from '../../journal/past-run.ts'
import { type RecoveredHost, unfinished } from '../../outcomes/recovery.ts'
import { recoverCommand } from '../../report/unfinished-run.ts'
import { isInventoryOf } from '../../runs/own-inventory.ts'
import { isStillRemoved } from '../../runs/removed-host.ts'
import { typed } from '../../text/shell-quotes.ts'

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
    ? `that run changed ${name} at ${address}, but the inventory now has ${name} at ${one.address}`
    : `that run changed ${name} at ${address}, but the inventory no longer has ${name}`
  const old = oldFile(host, past)
  const gone = old === undefined ? 'Otherwise run' : `Otherwise ${old}. Then run`
  // No run on an inventory of other hosts finishes it.
  const otherwise = isInventoryOf(past, inventory)
    ? `${gone} \`fw-run apply\` or \`fw-run remove\` on all hosts of the inventory. That finishes the run, too.`
    : `${withItsInventory(past, inventory)}. If no host of that run exists any more, move ${typed(past.file)} to another directory.`
  const remedy = `If ${name} still has the address ${address}, write ${name} with that address into the inventory. Then run the same command again. ${otherwise}`
  return unfinished(name, why, remedy)
}

/** What to do about a host of a past run if it does not exist any more. */
export function ifGone(host: PastHost, past: PastRun): string {
  const first = oldFile(host, past) ?? 'delete it from the inventory file'
  return `If the host no longer exists, ${first}. Then run \`fw-run apply\` or \`fw-run remove\` on all other hosts. That finishes the run, too.`
}

/** How to finish a run with the inventory that it had; the same arguments of `-i` may lead to other hosts by now. */
function withItsInventory({ id, begun }: PastRun, { origin }: Inventory): string {
  if (begun.inventory !== origin) return `Otherwise run ${recoverCommand(begun.inventory, id)}`
  return `Otherwise the inventory was changed after run ${id}, and now has no host of that run. Get its old version (for example, from git), then run \`fw-run recover ${id} -i OLD_FILE\``
}

/** What to do with the old inventory file, if only that still leads to the host. */
function oldFile(host: PastHost, past: PastRun): string | undefined {
  if (!past.edit || !isStillRemoved(host, past)) return undefined
  return `delete the old inventory file: \`rm ${typed(past.edit.backup)}\``
}
