import type { Run } from '../runs/run.ts'
import type { RunSettings } from '../runs/run-settings.ts'
import { compactNames } from '../text/host-list.ts'
import { inWaves } from '../transaction/waves.ts'
import type { ExaminedCluster, ExaminedHost } from './examine.ts'

/**
 * The waves in which the hosts of a cluster are to be changed, by name; one wave unless `--serial` or `--serial-first` divides them. A host with
 * nothing to change is in none, so that no wave proves nothing.
 */
export function plannedWaves({
  examined,
  serial,
}: Pick<ExaminedCluster, 'examined' | 'serial'>): readonly (readonly string[])[] {
  const names = examined.filter(hasChanges).map(({ host }) => host.name)
  return inWaves(names, serial ?? { sizes: [], first: new Set() })
}

/** Whether there is something to change on a host. */
export function hasChanges({ examined }: ExaminedHost): boolean {
  return examined?.plan.kind === 'planned' && examined.plan.changes.length > 0
}

/** Warns, before anything is changed, of settings of waves that have no effect: no host is proven before the others. */
export function warnOfIdleWaves(
  cluster: Pick<ExaminedCluster, 'examined' | 'serial'>,
  { serial, serialFirst, wavePause }: Pick<RunSettings, 'serial' | 'serialFirst' | 'wavePause'>,
  { emit }: Pick<Run, 'emit'>,
): void {
  const waves = plannedWaves(cluster)
  const [first = []] = waves
  const given = [
    ...(serial === undefined ? [] : ['--serial']),
    ...(serialFirst === undefined ? [] : ['--serial-first']),
    ...(wavePause === undefined ? [] : ['--pause']),
  ]
  const hasFirst = first.some((name) => cluster.serial?.first.has(name))
  if (waves.length === 0 || given.length === 0) return
  if (waves.length === 1) {
    const [has, them] = given.length === 1 ? ['has', given[0]] : ['have', given.join(' and ')]
    const message = `${them} ${has} no effect: all hosts to be changed (${compactNames(first).join(', ')}) are in one wave. No host is tested before the others`
    emit({ kind: 'warning', message })
  } else if (serialFirst !== undefined && !hasFirst) {
    const message = `every host of --serial-first is already as wanted, so the first wave is ${compactNames(first).join(', ')}`
    emit({ kind: 'warning', message })
  }
}
