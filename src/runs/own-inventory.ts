import type { Inventory } from '../inventory/inventory.ts'
import { argumentsOf, leadsElsewhere } from '../inventory/source-names.ts'
import { isSame } from '../journal/known-host.ts'
import { begunHosts, type PastRun } from '../journal/past-run.ts'

/**
 * Whether an inventory is the one of a past run: it has the same arguments of `-i`, and still one of that run's hosts. The standard
 * input, a script or a file that is written anew may be about another cluster each time.
 */
export function isInventoryOf(past: PastRun, { origin, hosts }: Inventory): boolean {
  if (past.begun.inventory !== origin) return false
  const theirs = [...begunHosts(past), ...past.hosts]
  return hosts.some((one) => theirs.some((host) => isSame(one, host)))
}

/**
 * Whether a past run began with the files of another inventory, which are still there. That may be an inventory of the same hosts, or of another
 * cluster whose hosts have the same names and addresses.
 */
export function isOfOtherFiles(
  { begun }: Pick<PastRun, 'begun'>,
  { origin }: Pick<Inventory, 'origin'>,
): boolean {
  return leadsElsewhere(begun.inventory, argumentsOf(origin))
}
