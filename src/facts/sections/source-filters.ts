import type { Sections } from '../../agent/sections.ts'
import { textOf } from '../reading.ts'

/** The sysctl rp_filter of `all`, and of interfaces as it has effect: 0 off, 1 strict, 2 loose. Those of pods are left out. */
export type SourceFilters = ReadonlyMap<string, number>

/** Reads lines `INTERFACE VALUE`. The kernel takes the higher one of the interface's value and that of `all` (ip-sysctl). */
export function readSourceFilters(sections: Sections): SourceFilters {
  const lines = textOf(sections, 'source-filters').split('\n')
  const values = lines.flatMap((line) => {
    const [, name = '', value] = /^(\S+) ([012])$/.exec(line) ?? []
    return value === undefined ? [] : [[name, Number(value)] as const]
  })
  const ofAll = values.find(([name]) => name === 'all')?.[1] ?? 0
  return new Map(values.map(([name, value]) => [name, Math.max(value, ofAll)]))
}
