import { afterInterruptMs, commitPatienceMs, rollbackGraceMs } from '../../limits.ts'
import type { RunReport } from '../../outcomes/run-report.ts'
import type { TriedProbe } from '../../probes/tried-probe.ts'
import type { Run } from '../../runs/run.ts'
import type { RunSettings } from '../../runs/run-settings.ts'
import type { Objection } from '../../transaction/outcome.ts'
import type { Participant } from '../../transaction/participant.ts'
import { transact } from '../../transaction/transact.ts'
import type { ExaminedCluster } from '../examine.ts'
import { plannedWaves } from '../planned-waves.ts'
import { reportOn } from '../report.ts'
import type { InventoryEdit } from './edit-inventory.ts'
import type { SavedPlan } from './saved-plan.ts'
import { decidedSince } from './transacting/decided-since.ts'
import { inWavesOf, recordDecision, recordOutcomes } from './transacting/journal-events.ts'
import { takeIn } from './transacting/participants.ts'
import { type Proof, proveChange } from './transacting/prove-change.ts'

/**
 * Whether hosts are now to be changed: not with `--check`, not if a check or a probe refuses, and not if all is as wanted
 * already. What a dead run has left on a host is cleared away by a transaction as well.
 */
export function needsTransaction(
  found: RunReport,
  { opened }: Pick<ExaminedCluster, 'opened'>,
  { check }: { readonly check: boolean },
): boolean {
  if (check) return false
  if (found.kind === 'pending') return true
  return found.kind === 'done' && opened.some(({ facts }) => facts?.unfinished !== undefined)
}

/** Whether an edit of the inventory file is to be made, and no host is to be changed. */
export function isEditAlone(
  found: RunReport,
  cluster: Pick<ExaminedCluster, 'opened'>,
  settings: { readonly check: boolean },
): boolean {
  const isWanted = found.edit !== undefined && found.kind === 'done' && !settings.check
  return isWanted && !needsTransaction(found, cluster, settings)
}

/** What a change of hosts depends on besides them. */
interface Conditions {
  readonly edit?: InventoryEdit
  readonly saved?: SavedPlan | undefined
  /** Why the change is not wanted any more; undefined: it is. Asked while its hosts are held, so that no other run decides about them after that. Never rejects. */
  readonly overtaken?: () => Promise<Objection | undefined>
}

/**
 * Changes all hosts or none, wave by wave, and proves the change before it is committed. Hosts with nothing to change take part in
 * the first wave: they are held, so that no other run makes them differ from the rest meanwhile. An edit of the inventory is made last before the
 * decision, and counts as one more host: if it fails, all is rolled back.
 */
export async function transactHosts(
  cluster: ExaminedCluster,
  probes: readonly TriedProbe[],
  settings: Pick<RunSettings, 'ask' | 'confirm' | 'lease' | 'wavePause'> & {
    readonly diff: boolean
  },
  run: Run,
  { edit, saved, overtaken }: Conditions = {},
): Promise<RunReport> {
  const waves = plannedWaves(cluster)
  const participants = takeIn(cluster, waves, run, { saved, asked: settings.ask, overtaken })
  const asLastRead = (): ExaminedCluster => ({ ...cluster, examined: participants.hosts() })
  if (waves.length > 1) run.journal.note(inWavesOf(waves))
  await participants.begin(0)
  const decide = (): Promise<void> => recordDecision(run, { held: true })
  let proof: Proof = { objections: [], probes, asked: false }
  const transaction = await transact(withIdle(waves, participants.all), {
    ...run,
    next: participants.begin,
    grace: rollbackGraceMs,
    patience: commitPatienceMs,
    afterInterrupt: afterInterruptMs,
    lease: settings.lease,
    overtaken: decidedSince(cluster.hosts, run),
    decide: () => (edit ? edit.around(decide) : decide()),
    async object(signal, wave, look) {
      const next = waves[wave + 1] && {
        ...{ wave: wave + 2, of: waves.length },
        hosts: waves[wave + 1]?.length ?? 0,
      }
      // Before the decision, all hosts have to answer.
      const changed = next ? onlyHosts(asLastRead(), waves[wave] ?? []) : asLastRead()
      proof = await proveChange(changed, probes, { ...settings, next, look }, run, signal)
      if (proof.objections.length > 0 || signal.aborted) return proof.objections
      const over = await overtaken?.()
      return over ? [over] : []
    },
  })
  recordOutcomes(transaction, participants.journalled, run)
  const { asked } = proof
  const results = { transaction, probes: proof.probes, asked, diff: settings.diff, waves }
  return reportOn(asLastRead(), results, run)
}

/** The participants of each wave; those with nothing to change come with the first. There is always a wave. */
function withIdle(
  waves: readonly (readonly string[])[],
  all: readonly Participant[],
): readonly (readonly Participant[])[] {
  const waveOf = new Map(waves.flatMap((names, at) => names.map((name) => [name, at] as const)))
  return Array.from({ length: Math.max(1, waves.length) }, (_, at) =>
    all.filter(({ host }) => (waveOf.get(host) ?? 0) === at),
  )
}

function onlyHosts(cluster: ExaminedCluster, names: readonly string[]): ExaminedCluster {
  return { ...cluster, examined: cluster.examined.filter(({ host }) => names.includes(host.name)) }
}
