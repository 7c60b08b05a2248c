import { shown } from '../../text/shown.ts'
import { didYouMean } from '../../text/suggestion.ts'
import type { Hierarchy } from '../reading/hierarchy.ts'
import type { Outline } from '../reading/outline.ts'
import type { Problems } from '../reading/problems.ts'
import { opening, type Variable } from './variable.ts'

/** The group of hosts to protect; a problem is recorded if it does not exist, is empty, or is set where it cannot count. */
export function protectedGroup(
  outline: Outline,
  hierarchy: Hierarchy,
  extra: ReadonlyMap<string, Variable>,
  problems: Problems,
): string {
  const chosen = extra.get('fw_group') ?? outline.groups.get('all')?.variables.get('fw_group')
  const fallback = hierarchy.members.has('k8s_cluster') ? 'k8s_cluster' : 'all'
  if (typeof chosen?.value !== 'string') {
    if (outline.hosts.size > 0 && hierarchy.members.get(fallback)?.length === 0) {
      const place = outline.groups.get(fallback)?.place
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
export function reportStrayGroups(outline: Outline, problems: Problems): void {
  for (const holder of [...outline.groups.values(), ...outline.hosts.values()]) {
    if (holder === outline.groups.get('all')) continue
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
