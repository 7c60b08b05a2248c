import { join, resolve } from 'node:path'
import { createProblems, type Problems } from '../reading/problems.ts'
import type { Holder, RawInventory } from '../reading/raw-inventory.ts'
import { isVariableName } from '../variables/variable-schemas.ts'
import { readVarsLayer } from './read-vars-layer.ts'

/**
 * Warns of `group_vars` and `host_vars` that Ansible reads for a playbook beside them, and fw-run does not: in the working directory,
 * and above the directory of an inventory. Only if they set something for a group or host of this inventory that concerns fw-run.
 */
export function warnOfUnreadVars(
  directories: readonly string[],
  raw: RawInventory,
  problems: Problems,
): void {
  const read = new Set(directories.map((one) => resolve(one)))
  const candidates = ['.', ...directories.map((one) => join(one, '..'))].map((one) => resolve(one))
  for (const directory of new Set(candidates)) {
    if (read.has(directory)) continue
    const found = namesSetIn(directory, raw)
    for (const [folder, names] of Object.entries(found)) {
      if (names.length === 0) continue
      problems.warn(
        { source: join(directory, folder) },
        `is not read, because it is not beside an inventory that fw-run reads. Ansible reads it for playbooks in ${directory}. It sets ${names.join(', ')}. If these values are also for fw-run, write them into ${folder} beside the inventory`,
      )
    }
  }
}

/** The variables of concern that files of a directory set for groups and hosts of an inventory. Faults there are no faults of this inventory. */
function namesSetIn(
  directory: string,
  raw: RawInventory,
): Readonly<Record<'group_vars' | 'host_vars', readonly string[]>> {
  const apart = {
    ...raw,
    ...{ variables: [], vaults: [], replaced: [], files: new Map(), listings: new Map() },
  }
  try {
    const { groups, hosts } = readVarsLayer(directory, apart, createProblems())
    return { group_vars: namesIn(groups), host_vars: namesIn(hosts) }
  } catch {
    return { group_vars: [], host_vars: [] }
  }
}

function namesIn(holders: ReadonlyMap<string, Holder>): readonly string[] {
  const names = [...holders.values()].flatMap(({ variables }) => [...variables.keys()])
  return [...new Set(names)].filter(isVariableName)
}
