import { briefProbe, type TriedProbe } from '../../../probes/tried-probe.ts'
import { renderQuestion } from '../../../report/run-text.ts'
import type { Run } from '../../../runs/run.ts'
import type { RunSettings } from '../../../runs/run-settings.ts'
import { noPaint } from '../../../text/paint.ts'
import type { Objection } from '../../../transaction/outcome.ts'
import type { ExaminedCluster } from '../../examine.ts'
import { hasChanges } from '../../planned-waves.ts'
import { reportOn } from '../../report.ts'
import { tryAfter } from '../../try-probes.ts'
import { askToKeep, type WaveToCome } from '../confirm.ts'
import { holdWave } from './hold-wave.ts'
import { openNewConnections } from './new-connections.ts'

/** Objections to keeping the change, and the probes with how they came out after it. */
export interface Proof {
  readonly objections: readonly Objection[]
  readonly probes: readonly TriedProbe[]
  /** Whether somebody was asked. */
  readonly asked: boolean
}

interface ProofSettings extends Pick<RunSettings, 'confirm' | 'wavePause'> {
  readonly diff: boolean
  /** The wave that is to come; unset: the decision follows. */
  readonly next: WaveToCome | undefined
  /** Reads hosts again that have waited long, before somebody is asked; where one does not hold its change, it aborts the signal. */
  readonly look: () => Promise<void>
}

/**
 * Asks, once every host of a cluster is changed and verified, whether the change may stay: do the hosts answer new connections,
 * do the probes that passed before still pass, does somebody say yes within `confirm` seconds (unset: nobody is asked). The
 * first objection ends it. If another wave is to come, all but the question is asked twice, with the pause in between.
 */
export async function proveChange(
  cluster: ExaminedCluster,
  probes: readonly TriedProbe[],
  { confirm, wavePause, diff, next, look }: ProofSettings,
  run: Run,
  signal: AbortSignal,
): Promise<Proof> {
  const names = cluster.examined.filter(hasChanges).map(({ host }) => host.name)
  if (names.length === 0) return { objections: [], probes, asked: false }
  let proof = await tryChange(cluster, probes, run, signal)
  if (proof.objections.length === 0 && next && wavePause !== undefined) {
    await holdWave(names, wavePause, run, signal)
    proof = await tryChange(cluster, probes, run, signal)
  }
  if (proof.objections.length > 0 || confirm === undefined) return proof
  await look()
  if (signal.aborted) return proof
  const report = reportOn(cluster, { probes, diff, waves: [] }, run)
  const shown = renderQuestion({ ...report, kind: 'done' }, noPaint)
  return { ...proof, ...(await askToKeep({ hosts: names, shown, next }, confirm, run, signal)) }
}

/** Opens new connections, then tries the probes. */
async function tryChange(
  { examined, opener }: ExaminedCluster,
  probes: readonly TriedProbe[],
  run: Run,
  signal: AbortSignal,
): Promise<Proof> {
  const hosts = examined.filter(hasChanges).map(({ host }) => host)
  const unanswered = await openNewConnections(hosts, opener, run, signal)
  if (unanswered.length > 0) return { objections: unanswered, probes, asked: false }
  const tried = await tryAfter(probes, opener.timeout, run, signal)
  return { objections: tried.flatMap(objectionOf), probes: tried, asked: false }
}

function objectionOf({ probe, after }: TriedProbe): readonly Objection[] {
  if (after?.kind !== 'failed') return []
  const reason = `${briefProbe(probe)} failed after the change (it had passed before): ${after.reason}`
  return [{ kind: 'probe', reason: `probe ${reason}` }]
}
