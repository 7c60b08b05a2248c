import { inWaves } from '../transaction/waves.ts'
import type { ExaminedCluster } from './examine.ts'
import { hasChanges } from './transacting/participants.ts'

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
