import { join } from 'node:path'
import { isMap, isScalar } from 'yaml'
import { maxVarsBytes } from '../../limits.ts'
import { sumOf } from '../files-read.ts'
import { isVaultFile } from '../formats/recognise.ts'
import { readVarsFile } from '../reading/inventory-file.ts'
import type { Location, Problems } from '../reading/problems.ts'
import {
  define,
  emptyHolder,
  type Holder,
  type RawInventory,
  takeRoom,
  type VarsLayer,
} from '../reading/raw-inventory.ts'
import { variableFrom } from '../variables/variable.ts'
import { entriesOf } from '../yaml/entries.ts'
import { parseYaml } from '../yaml/parse-yaml.ts'
import { findVarsFiles } from './find-vars-files.ts'

/**
 * What `group_vars` and `host_vars` in a directory state of the groups and hosts of an inventory. A file that is encrypted as a whole
 * is passed over with a warning: nobody can tell which variables it has.
 */
export function readVarsLayer(directory: string, raw: RawInventory, problems: Problems): VarsLayer {
  const groups = [...new Set(['all', 'ungrouped', ...raw.groups.keys()])]
  return {
    groups: readHolders(join(directory, 'group_vars'), groups, raw, problems),
    hosts: readHolders(join(directory, 'host_vars'), [...raw.hosts.keys()], raw, problems),
  }
}

function readHolders(
  directory: string,
  names: readonly string[],
  raw: RawInventory,
  problems: Problems,
): ReadonlyMap<string, Holder> {
  let size = 0
  const holders = new Map<string, Holder>()
  for (const [name, paths] of findVarsFiles(directory, names, raw.listings, problems)) {
    const holder = emptyHolder()
    holders.set(name, holder)
    for (const path of paths) {
      const text = readVarsFile(path)
      raw.files.set(path, sumOf(text))
      size += text.length
      if (size > maxVarsBytes)
        problems.stop({ source: directory }, `has more than ${maxVarsBytes / 1e6} MB of variables`)
      takeRoom(raw, text.length, { source: path }, problems)
      readInto(holder, text, { source: path }, raw, problems)
    }
  }
  return holders
}

function readInto(
  holder: Holder,
  text: string,
  origin: Location,
  raw: RawInventory,
  problems: Problems,
): void {
  if (isVaultFile(text)) {
    problems.warn(
      origin,
      'is encrypted with ansible-vault: fw-run does not know its variables. Give those that fw-run needs with -e, -k or -K',
    )
    raw.vaults.push(origin.source)
    return
  }
  const source = parseYaml(text, origin, problems)
  const top = source?.top
  if (!source || !top || (isScalar(top) && top.value === null)) return
  if (!isMap(top)) {
    const location = source.locationOf(top)
    problems.add(location, 'must be a mapping of names to values', 'Write each as "name: value".')
    return
  }
  for (const entry of entriesOf(source, top)) {
    const variable = variableFrom(source, entry)
    define(raw, [holder], variable)
    if (entry.key !== 'ansible_group_priority') continue
    problems.warn(
      variable.location,
      'ansible_group_priority has no effect in this file, as in Ansible: put it into the inventory file',
    )
  }
}
