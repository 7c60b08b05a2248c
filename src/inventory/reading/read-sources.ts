import { readHostList } from '../formats/host-list.ts'
import { parseJson } from '../formats/json-value.ts'
import { readScriptOutput } from '../formats/script-output.ts'
import { toSee } from '../sources/run-script.ts'
import type { Source } from '../sources/source.ts'
import { makeKubesprayCluster } from './kubespray-cluster.ts'
import type { Problems } from './problems.ts'
import { emptyRawInventory, type RawInventory } from './raw-inventory.ts'
import { readInventoryText, SKETCH } from './read-inventory-text.ts'

/** What the sources of an inventory state together. Of what two of them state, the later wins. `room` bounds how much text is parsed; unset: nothing does. */
export function readSources(
  sources: readonly Source[],
  problems: Problems,
  room?: number,
): RawInventory {
  const raw = emptyRawInventory(room)
  for (const source of sources) read(source, raw, problems)
  if (raw.hosts.size === 0 && !problems.failure()) {
    const source = sources.map(({ name }) => name).join(', ')
    problems.add({ source }, 'lists no hosts', SKETCH)
  }
  makeKubesprayCluster(raw)
  return raw
}

function read({ kind, name, text }: Source, raw: RawInventory, problems: Problems): void {
  if (kind === 'file') readInventoryText(text, name, raw, problems)
  else if (kind === 'list') readHostList(text, raw, problems)
  else readScriptText(text, name, raw, problems)
}

/** Reads the JSON that a script printed. */
function readScriptText(text: string, name: string, raw: RawInventory, problems: Problems): void {
  const json = parseJson(text)
  if (json !== undefined) {
    readScriptOutput(json, name, raw, problems)
    return
  }
  // The parser's own message quotes the text, which may hold a password.
  const what = text.trim() === '' ? 'nothing' : 'something that is not JSON, or only a part of it'
  const file = name.replace(/ --list$/, '')
  problems.stop({ source: name }, `printed ${what}`, toSee(file, ['--list']))
}
