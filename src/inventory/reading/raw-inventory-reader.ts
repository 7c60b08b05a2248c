import { isMap } from 'yaml'
import type { Variable } from '../variables/variable.ts'
import { parseYaml } from '../yaml/yaml-source.ts'
import { GroupReader } from './group-reader.ts'
import { recogniseForeignFormat } from './other-formats.ts'
import type { Problems } from './problems.ts'
import type { RawInventory } from './raw-inventory.ts'

/** What the text of an inventory states; a text that cannot be an inventory is thrown as the problem that it is. */
export function readRawInventory(
  text: string,
  file: string,
  problems: Problems,
): { readonly raw: RawInventory; readonly variables: readonly Variable[] } {
  const foreign = recogniseForeignFormat(text)
  if (foreign) {
    problems.add({ source: file, line: foreign.line }, foreign.message, foreign.remedy)
    throw problems.failure
  }
  const source = parseYaml(text, file, problems)
  const top = source?.document.contents
  if (source && isMap(top)) {
    const read = new GroupReader(source, problems).read(top)
    if (read.raw.hosts.size === 0 && !problems.failure) {
      problems.add({ source: file }, 'has no hosts', SKETCH)
    }
    return read
  }
  reportNotAnInventory(text, file, problems)
  throw problems.failure
}

const SKETCH = `Write it as:
  all:
    hosts:
      node1:
        ansible_host: 192.0.2.11`

function reportNotAnInventory(text: string, file: string, problems: Problems): void {
  if (!/^[ \t]*(?!---\s*$)[^\s#]/m.test(text.replace(/^\uFEFF/, ''))) {
    problems.add({ source: file }, 'is empty', SKETCH)
  } else if (!problems.failure) {
    problems.add({ source: file, line: 1 }, 'is not a mapping of groups', SKETCH)
  }
}
