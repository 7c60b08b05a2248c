import { isMap } from 'yaml'
import { maxInventoryBytes } from '../../limits.ts'
import { readK0sctl } from '../formats/clusters/k0sctl.ts'
import { jsonFrom, readKubectl } from '../formats/clusters/kubectl.ts'
import { readRke } from '../formats/clusters/rke.ts'
import { readIni } from '../formats/ini/read-ini.ts'
import type { JsonValue } from '../formats/json-value.ts'
import { manifestKind, type Recognised, recognise } from '../formats/recognise.ts'
import { readScriptOutput } from '../formats/script-output.ts'
import { parseYaml } from '../yaml/parse-yaml.ts'
import type { YamlSource } from '../yaml/yaml-source.ts'
import { readGroups } from './group-reader.ts'
import type { Problems } from './problems.ts'
import { type RawInventory, takeRoom } from './raw-inventory.ts'
import { IDLE_SCRIPT, KEEP_LESS, KUBECTL_TABLE, VAULT_FILE } from './refusals.ts'

/** Adds what the text of an inventory states. A text that cannot be an inventory ends the reading: its faults are thrown. */
export function readInventoryText(
  text: string,
  file: string,
  raw: RawInventory,
  problems: Problems,
): void {
  const found = recognise(text, file)
  if (text.length > maxInventoryBytes && !('json' in found)) {
    const larger = `is larger than ${maxInventoryBytes / 1e6} MB, and not JSON of kubectl or of a script`
    problems.stop({ source: file }, larger, KEEP_LESS)
  }
  takeRoom(raw, text.length / speedOf(found), { source: file }, problems)
  switch (found.kind) {
    case 'vault':
      problems.stop({ source: file, line: 1 }, VAULT_FILE.message, VAULT_FILE.remedy)
      break
    case 'script':
      problems.stop({ source: file, line: 1 }, IDLE_SCRIPT.message, IDLE_SCRIPT.remedy)
      break
    case 'ini':
      readIni(text, file, raw, problems)
      break
    case 'yaml':
      stopAtManifest(text, file, problems)
      readYaml(text, file, raw, problems)
      break
    case 'output':
      readScriptOutput(found.json, file, raw, problems)
      break
    case 'kubectl':
      readKubectl(found.json ?? jsonOfYaml(text, file, problems), file, raw, problems)
      break
    case 'rke':
      readRke(sourceOf(text, file, problems), raw, problems)
      break
    case 'k0sctl':
      readK0sctl(sourceOf(text, file, problems), raw, problems)
      break
    case 'kubectl-table':
      problems.stop({ source: file, line: 1 }, KUBECTL_TABLE.message, KUBECTL_TABLE.remedy)
  }
}

/** How many times as fast as YAML a text is read. */
function speedOf(found: Recognised): number {
  if (!('json' in found) || found.json === undefined) return 1
  return found.kind === 'output' ? 20 : 200
}

/** The parsed text; what is no YAML ends the reading. */
function sourceOf(text: string, file: string, problems: Problems): YamlSource {
  const source = parseYaml(text, { source: file }, problems)
  if (source) return source
  throw problems.failure()
}

function jsonOfYaml(text: string, file: string, problems: Problems): JsonValue {
  const source = sourceOf(text, file, problems)
  return jsonFrom(source, source.top)
}

/** Read as an inventory, a manifest would have faults in each line. */
function stopAtManifest(text: string, file: string, problems: Problems): void {
  const kind = manifestKind(text)
  if (kind === undefined) return
  problems.stop(
    { source: file },
    `is no inventory: its kind is ${kind}, which fw-run does not read`,
    'Give an inventory. Where kubectl reaches the cluster, this writes one: `kubectl get nodes -o json | fw-run init -i -`',
  )
}

function readYaml(text: string, file: string, raw: RawInventory, problems: Problems): void {
  const source = parseYaml(text, { source: file }, problems)
  if (source && isMap(source.top)) {
    readGroups(source, source.top, raw, problems)
    return
  }
  if (isBlank(text)) problems.stop({ source: file }, 'is empty', SKETCH)
  const failure = problems.failure()
  if (failure) throw failure
  const location = source?.locationOf(source.top) ?? { source: file }
  problems.stop(location, 'is not an inventory: it must begin with a group', SKETCH)
}

/** Whether the text has nothing but comments and marks of a document. */
function isBlank(text: string): boolean {
  return !/^[ \t]*(?!---\s*$)[^\s#]/m.test(text.replace(/^\uFEFF/, ''))
}

/** How a small inventory is written. */
export const SKETCH = `Write it as:
  all:
    hosts:
      node1:
        ansible_host: 192.0.2.11`
