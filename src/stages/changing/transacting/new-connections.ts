import pLimit from 'p-limit'
import type { Opener } from '../../../cluster/opener.ts'
import type { InventoryHost } from '../../../inventory/inventory.ts'
import type { Run } from '../../../runs/run.ts'
import { missingBanner } from '../../../ssh/banner.ts'
import type { Objection } from '../../../transaction/outcome.ts'

/**
 * Opens a new connection to each host and waits for its SSH banner: a session that is open already would go on even if
 * nobody could log in any more. An objection for each host that sends none within `--timeout`. This machine is left out: a connection
 * to oneself proves nothing of the way that others take.
 */
export async function openNewConnections(
  all: readonly InventoryHost[],
  opener: Opener,
  run: Run,
  signal: AbortSignal,
): Promise<readonly Objection[]> {
  const hosts = all.filter(({ isLocal }) => !isLocal)
  if (hosts.length === 0) return []
  const names = hosts.map(({ name }) => name)
  const about = { hosts: names.length, names, seconds: opener.timeout }
  run.emit({ kind: 'phase-started', phase: 'prove', ...about })
  const inTurns = pLimit(run.atATime.concurrency)
  const found = await inTurns.map(hosts, async (host): Promise<readonly Objection[]> => {
    const { name } = host
    const fault = await missingBanner(await opener.dial(host), opener.timeout, signal)
    if (signal.aborted) return []
    const detail = fault && { detail: fault.reason }
    run.emit({ kind: 'host-done', phase: 'prove', host: name, ok: !fault, ...detail })
    return fault ? [{ kind: 'unanswered', host: name, reason: fault.reason }] : []
  })
  run.emit({ kind: 'phase-ended', phase: 'prove' })
  return found.flat()
}
