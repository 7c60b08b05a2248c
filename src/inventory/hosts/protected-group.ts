import { shown } from '../../text/shown.ts'
import { didYouMean } from '../../text/suggestion.ts'
import type { Hierarchy } from '../reading/hierarchy.ts'
import type { Problems } from '../reading/problems.ts'
import type { RawInventory } from '../reading/raw-inventory.ts'
import { opening, type Variable } from '../variables/variable.ts'

/** The group of hosts to protect; a problem is recorded if it does not exist, is empty, or is set where it cannot count. */
export function protectedGroup(
  raw: RawInventory,
  hierarchy: Hierarchy,
  extra: ReadonlyMap<string, Variable>,
  problems: Problems,
): string {
  const chosen = extra.get('fw_group') ?? raw.groups.get('all')?.variables.get('fw_group')
  const fallback = hierarchy.members.has('k8s_cluster') ? 'k8s_cluster' : 'all'
  if (typeof chosen?.value !== 'string') {
    if (raw.hosts.size > 0 && hierarchy.members.get(fallback)?.length === 0) {
      const place = raw.groups.get(fallback)?.place
      if (place) problems.add(place, `group ${shown(fallback)} is to be protected but has no hosts`)
    }
    return fallback
  }
  const members = hierarchy.members.get(chosen.value)
  if (members === undefined) {
    const meant = didYouMean(chosen.value, hierarchy.members.keys())
    problems.add(
      chosen.placeOf([]),
      `${opening(chosen)}there is no group ${shown(chosen.value)}${meant ? `: ${meant}` : ''}`,
    )
  } else if (members.length === 0) {
    problems.add(chosen.placeOf([]), `${opening(chosen)}group ${shown(chosen.value)} has no hosts`)
  }
  return chosen.value
}

/** Records `fw_group` where it would be set for a part of the inventory only. */
export function reportStrayGroups(raw: RawInventory, problems: Problems): void {
  for (const holder of [...raw.groups.values(), ...raw.hosts.values()]) {
    if (holder === raw.groups.get('all')) continue
    const stray = holder.variables.get('fw_group')
    if (stray) {
      problems.add(
        stray.place,
        'fw_group: counts for the whole inventory',
        'Put it under all: vars:',
      )
    }
  }
}
