import { isMap } from 'yaml'
import type { Variable } from '../variables/variable.ts'
import { parseYaml } from '../yaml/parse-yaml.ts'
import { readGroups } from './group-reader.ts'
import { recogniseOtherFormat } from './other-formats.ts'
import type { Problems } from './problems.ts'
import type { RawInventory } from './raw-inventory.ts'

/**
 * What the text of an inventory states, with every definition of a variable, also of those that a later one replaces.
 * A text that cannot be an inventory ends the reading: its faults are thrown.
 */
export function readRawInventory(
  text: string,
  file: string,
  problems: Problems,
): { readonly raw: RawInventory; readonly variables: readonly Variable[] } {
  const other = recogniseOtherFormat(text)
  if (other) return problems.stop({ source: file, line: other.line }, other.message, other.remedy)
  const source = parseYaml(text, { source: file }, problems)
  if (source && isMap(source.top)) {
    const read = readGroups(source, source.top, problems)
    if (read.raw.hosts.size === 0 && !problems.failure()) {
      problems.add({ source: file }, 'lists no hosts', SKETCH)
    }
    return read
  }
  if (isBlank(text)) return problems.stop({ source: file }, 'is empty', SKETCH)
  const failure = problems.failure()
  if (failure) throw failure
  const location = source?.locationOf(source.top) ?? { source: file }
  return problems.stop(location, 'is not an inventory: it must begin with a group', SKETCH)
}

/** Whether the text has nothing but comments and marks of a document. */
function isBlank(text: string): boolean {
  return !/^[ \t]*(?!---\s*$)[^\s#]/m.test(text.replace(/^\uFEFF/, ''))
}

const SKETCH = `Write it as:
  all:
    hosts:
      node1:
        ansible_host: 192.0.2.11`
