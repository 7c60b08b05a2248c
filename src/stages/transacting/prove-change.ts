import { briefProbe, type TriedProbe } from '../../probes/tried-probe.ts'
import { renderQuestion } from '../../report/run-text.ts'
import type { Run } from '../../runs/run.ts'
import { noPaint } from '../../text/paint.ts'
import type { Objection } from '../../transaction/outcome.ts'
import { askToKeep } from '../confirm.ts'
import type { ExaminedCluster } from '../examine.ts'
import { reportOn } from '../report.ts'
import { tryAfter } from '../try-probes.ts'
import { openNewConnections } from './new-connections.ts'
import { hasChanges } from './participants.ts'

/** Objections to keeping the change, and the probes with how they came out after it. */
export interface Proof {
  readonly objections: readonly Objection[]
  readonly probes: readonly TriedProbe[]
  /** Whether somebody was asked. */
  readonly asked: boolean
}

/**
 * Asks, once every host is changed and verified, whether the change may stay: do the hosts answer new connections, do the
 * probes that passed before still pass, does somebody say yes within `confirm` seconds (unset: nobody is asked). The first
 * objection ends it.
 */
export async function proveChange(
  cluster: ExaminedCluster,
  probes: readonly TriedProbe[],
  { confirm, diff }: { readonly confirm: number | undefined; readonly diff: boolean },
  run: Run,
  signal: AbortSignal,
): Promise<Proof> {
  const { opener } = cluster
  const hosts = cluster.examined.filter(hasChanges).map(({ host }) => host)
  if (hosts.length === 0) return { objections: [], probes, asked: false }
  const unanswered = await openNewConnections(hosts, opener, run, signal)
  if (unanswered.length > 0) return { objections: unanswered, probes, asked: false }
  const tried = await tryAfter(probes, opener.timeout, run, signal)
  const broken = tried.flatMap(objectionOf)
  if (broken.length > 0 || confirm === undefined || signal.aborted) {
    return { objections: broken, probes: tried, asked: false }
  }
  const shown = renderQuestion(
    { ...reportOn(cluster, { probes, diff }, run), kind: 'done' },
    noPaint,
  )
  const names = hosts.map(({ name }) => name)
  return { probes: tried, ...(await askToKeep({ hosts: names, shown }, confirm, run, signal)) }
}

function objectionOf({ probe, after }: TriedProbe): readonly Objection[] {
  if (after?.kind !== 'failed') return []
  const reason = `${briefProbe(probe)} failed after the change (it had passed before): ${after.reason}`
  return [{ kind: 'probe', reason: `probe ${reason}` }]
}
