import type { Inventory, InventoryHost } from '../../inventory/inventory.ts'
import type { PastHost, PastRun } from '../../journal/past-run.ts'
import { type RecoveredHost, type Recovery, unfinished } from '../../outcomes/recovery.ts'
import { closeHosts, type OpenedHost, openHosts, readAgain } from '../opening/open-hosts.ts'
import type { Run } from '../run.ts'
import { isSame } from '../unfinished-runs.ts'
import { bringForward, type RecoverOptions } from './bring-forward.ts'
import { lookAgain } from './look-again.ts'
import { waitForHosts } from './wait-for-hosts.ts'

/** Seconds that a host may need beyond its lease to take its change back. */
const grace = 5

/**
 * Brings the hosts of an interrupted run to one state: forward if it had been decided to keep its change, else it is
 * seen that they are as before. Logs in as the inventory says now, and only where it still means the same host.
 */
export async function recoverRun(
  past: PastRun,
  options: RecoverOptions,
  run: Run,
): Promise<Recovery> {
  const { inventory, opener, later } = options
  const hosts = past.hosts.flatMap((host) => known(host, inventory) ?? [])
  const unknown = past.hosts.flatMap((host) => absence(host, inventory) ?? [])
  if (hosts.length === 0) return { past, hosts: unknown }
  const opened = await openHosts(hosts, opener, run)
  try {
    const open = await waitForHosts(opened, past.begun.lease + grace, run)
    const free = opened.filter(({ host }) => !open.some((one) => one.host === host.name))
    const read = await readAgain(free, run)
    const lost = read.flatMap(lostOne)
    const told = read.filter(({ link }) => link?.agent.lost() === undefined)
    const found = past.decided
      ? await bringForward(past, told, options, run)
      : lookAgain(past, told, later)
    return { past, hosts: [...found, ...open, ...lost, ...unknown] }
  } finally {
    await closeHosts(opened)
  }
}

/** A host whose session ended before it could be read again: what is known of it is from before it settled. */
function lostOne({ host, link }: OpenedHost): RecoveredHost[] {
  const reason = link?.agent.lost()
  const what = `the session was lost before the host was read: ${reason}`
  return reason === undefined ? [] : [unfinished(host.name, what, 'Run `fw-run recover` again.')]
}

/** A host of the run as the inventory reaches it now, with the set that the run was about. Its probes were tried then. */
function known(host: PastHost, { hosts }: Inventory): InventoryHost | undefined {
  const one = hosts.find((candidate) => isSame(candidate, host))
  return one && { ...one, settings: { ...one.settings, set: host.intent.set, probes: [] } }
}

function absence({ name, address }: PastHost, inventory: Inventory): RecoveredHost | undefined {
  const one = inventory.hosts.find((host) => host.name === name)
  if (one?.address === address) return undefined
  const why = one
    ? `the inventory has it at ${one.address} now, that run changed ${address}`
    : `it is not in the inventory any more; that run reached it at ${address}`
  const remedy = `If the host still exists, run this with an inventory that has ${name} at ${address}. If not, \`fw-run apply\` or \`fw-run remove\` on all hosts of the same inventory file settles that run.`
  return unfinished(name, why, remedy)
}
