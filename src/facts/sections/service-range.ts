import type { Sections } from '../../agent/sections.ts'
import { formatDual, parseDual } from '../../ip/dual.ts'
import { textOf } from '../reading.ts'

/** The networks of services that the configuration of a control plane names on this host; often none. */
export function readServiceRange(sections: Sections): readonly string[] {
  const words = textOf(sections, 'service-range').split(/[\s,]+/)
  const networks = words.map((word) => parseDual(word.replace(/[[\]"']/g, '')))
  return networks.flatMap((network) => (network ? [formatDual(network)] : []))
}
