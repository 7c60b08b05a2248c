import type { Sections } from '../../agent/sections.ts'
import { textOf } from '../reading.ts'

/** Reads the ClusterIPs of which a large host left out the rules: they stand in a last line, after all tables. */
export function readClusterIps(sections: Sections): readonly string[] {
  const [, list] = /\nCOMMIT\n(?:#.*\n)*# ClusterIPs(.*)\s*$/.exec(textOf(sections, 'rules')) ?? []
  return list?.split(' ').filter(Boolean) ?? []
}
