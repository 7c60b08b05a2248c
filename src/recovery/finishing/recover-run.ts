import { closeHosts, type OpenedHost, openHosts, readAgain } from '../../cluster/open-hosts.ts'
import { FwRunError } from '../../errors.ts'
import type { Inventory, InventoryHost } from '../../inventory/inventory.ts'
import { isSame } from '../../journal/known-host.ts'
import { isSure, type PastHost, type PastRun } from '../../journal/past-run.ts'
import { rollbackGraceMs } from '../../limits.ts'
import { type RecoveredHost, type Recovery, unfinished } from '../../outcomes/recovery.ts'
import type { Run } from '../../runs/run.ts'
import { bringForward, type RecoverOptions } from './bring-forward.ts'
import { lookAgain } from './look-again.ts'
import { absence, ifGone } from './missing-hosts.ts'
import { waitUntilClear } from './wait-until-clear.ts'

/**
 * Finishes an unfinished run. If it had decided, its hosts are brought forward; else they are read to see that they are as
 * before. Logs in as the inventory says now, and only if the inventory still means the same host.
 */
export async function recoverRun(
  past: PastRun,
  options: RecoverOptions,
  run: Run,
): Promise<Recovery> {
  const { inventory, opener } = options
  const hosts = past.hosts.flatMap((host) => known(host, inventory) ?? [])
  const unsure = past.hosts.filter((host) => !isSure(host))
  const absent = unsure.flatMap((host) => absence(host, past, inventory) ?? [])
  if (hosts.length === 0) return { past, hosts: absent }
  const opened = await openHosts(hosts, opener, run)
  try {
    const found = await recoverHosts(past, opened, options, run)
    return { past, hosts: [...found, ...absent] }
  } finally {
    await closeHosts(opened)
  }
}

/**
 * Waits for the opened hosts of a past run, then brings them forward or looks at them. A host of which that run knew the outcome may be
 * gone by now: if nobody can look at it again, the run does not need it.
 */
export async function recoverHosts(
  past: PastRun,
  opened: readonly OpenedHost[],
  options: RecoverOptions,
  run: Run,
): Promise<readonly RecoveredHost[]> {
  const milliseconds = past.begun.lease * 1000 + rollbackGraceMs
  const stuck = await waitUntilClear(opened, past.id, milliseconds, run, (name) => {
    const host = past.hosts.find((one) => one.name === name)
    return host && ifGone(host, past)
  })
  const free = opened.filter(({ host }) => !stuck.some((one) => one.host === host.name))
  const read = await readAgain(free, run)
  const lost = read.flatMap(lostOne)
  const fresh = read.filter(({ link }) => link?.agent.lost() === undefined)
  const unseen = [...stuck, ...lost].filter(
    ({ host }) => !past.hosts.some((one) => one.name === host && isSure(one)),
  )
  return [...(await finishHosts(past, fresh, options, run)), ...unseen]
}

/** What other runs have decided by now is asked after the hosts were read: so nothing that was seen there is missing. */
async function finishHosts(
  past: PastRun,
  read: readonly OpenedHost[],
  options: RecoverOptions,
  run: Run,
): Promise<readonly RecoveredHost[]> {
  try {
    const later = await options.later()
    return past.decided
      ? await bringForward(past, read, later, options, run)
      : lookAgain(past, read, later)
  } catch (error) {
    // Earlier runs may have been finished, and hosts rolled back, so this must not end as if nothing was changed.
    if (!(error instanceof FwRunError && error.code === 'journal')) throw error
    const { message, remedy } = error
    const why = `recover could not read or write a journal, so it did not change the host. ${message}`
    return read.map(({ host }) =>
      unfinished(host.name, why, `${remedy} Then run the same command again.`),
    )
  }
}

/** Reports a host whose session ended before it could be read again: its facts are older than its rollback. */
function lostOne({ host, link }: OpenedHost): RecoveredHost[] {
  const reason = link?.agent.lost()
  const what = `the session was lost before the host was read: ${reason}`
  return reason === undefined ? [] : [unfinished(host.name, what, 'Run the same command again.')]
}

/** A host of the run as the inventory reaches it now, with guard and set of that run, and without probes: they were tried then. */
function known(host: PastHost, { hosts }: Inventory): InventoryHost | undefined {
  const one = hosts.find((candidate) => isSame(candidate, host))
  const { intent } = host
  const { set } = intent
  const guard = intent.kind === 'remove' ? (intent.guard ?? one?.settings.guard) : intent.kind
  return one && guard && { ...one, settings: { ...one.settings, guard, set, probes: [] } }
}
