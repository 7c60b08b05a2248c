import type { Inventory } from '../../inventory/inventory.ts'
import { isSame, type KnownHost } from '../../journal/known-host.ts'
import type { PastRun } from '../../journal/past-run.ts'
import { type RecoveredHost, unfinished } from '../../outcomes/recovery.ts'
import { inventoryFlags } from '../../report/unfinished-run.ts'
import { conclusiveRuns, type LaterRun as Decided, laterThan } from '../../runs/decided-runs.ts'
import { knownRuns } from '../../runs/known-runs.ts'
import { isOfOtherFiles } from '../../runs/own-inventory.ts'
import type { Run } from '../../runs/run.ts'

/** A later run, as `recover` sees it. */
export interface LaterRun extends Decided {
  /** It began with the file of another inventory than the past run, and than `recover`: so these may be hosts of another cluster. Then it is not sure, either. */
  readonly elsewhere?: true
  /** What names the inventory of the past run, where that is not the one of `recover`: only with that, `apply` finishes the past run. */
  readonly flags?: string | undefined
}

/**
 * The later runs by the journals as they are now: others may have run while this one asked for a password, or waited. One that has
 * finished the past run meanwhile has decided about all its hosts. Rejects with a `journal` fault if they cannot be read.
 */
export async function laterNow(
  past: PastRun,
  inventory: Inventory,
  run: Run,
): Promise<readonly LaterRun[]> {
  const all = await knownRuns({ ...run, emit: () => {} })
  const origin = past.begun.inventory
  const flags = isOfOtherFiles(past, inventory) ? inventoryFlags(origin) : undefined
  const later = laterThan(past, await conclusiveRuns(all)).map((one) => {
    const its = all.find(({ id }) => id === one.id)
    const elsewhere =
      its !== undefined && isOfOtherFiles(its, inventory) && isOfOtherFiles(its, { origin })
    return elsewhere ? { ...one, sure: false, elsewhere, flags } : { ...one, flags }
  })
  const by = all.find(({ id }) => id === past.id)?.finishedBy
  return by === undefined ? later : [{ id: by, hosts: past.hosts, sure: true }, ...later]
}

/**
 * Says that a run later than the past one has decided about a host; empty if none has. Where it is not sure that a run was
 * later, the host stays unfinished.
 */
export function superseded(
  host: KnownHost,
  past: Pick<PastRun, 'id'>,
  later: readonly LaterRun[],
): readonly RecoveredHost[] {
  const about = later.filter(({ hosts }) => hosts.some((one) => isSame(one, host)))
  const over = about.find(({ sure }) => sure)
  if (over) return [{ host: host.name, kind: 'superseded', by: over.id }]
  return about.slice(0, 1).map((one) => inDoubt(host, past.id, one))
}

function inDoubt(
  { name }: KnownHost,
  past: string,
  { id, elsewhere, flags }: LaterRun,
): RecoveredHost {
  const command = (verb: string): string => `\`fw-run ${[verb, flags ?? []].flat().join(' ')}\``
  return unfinished(
    name,
    elsewhere
      ? `run ${id} changed a host with this name and address, too, or found nothing to change there. It began with another inventory, so fw-run does not know whether that is the same host`
      : `run ${id} changed this host, too, or found nothing to change there. fw-run does not know which run was later. Perhaps the clock of the jump host was changed, or the journals come from two machines`,
    `To protect the hosts, run ${command('apply')} on all hosts of run ${past}. To remove the guard, run ${command('remove')} on all of them. Each of these also finishes run ${past}.`,
  )
}
