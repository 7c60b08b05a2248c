import type { Sections } from '../../agent/sections.ts'
import { formatDual, parseDual } from '../../ip/dual.ts'
import { maxChainRules } from '../../limits.ts'
import { textOf } from '../reading.ts'

/** Reads the ClusterIPs of which a large host left out the rules: they stand in a last line, after all tables. */
export function readClusterIps(sections: Sections): readonly string[] {
  const text = textOf(sections, 'rules').trimEnd()
  const line = text.slice(text.lastIndexOf('\n') + 1)
  if (!line.startsWith(mark)) return []
  // Each has a rule in one chain.
  const words = line.slice(mark.length).split(' ', maxChainRules)
  return words.flatMap((word) => parseDual(word) ?? []).map(formatDual)
}

const mark = '# ClusterIPs '
