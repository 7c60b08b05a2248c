import type { Dirent } from 'node:fs'
import { join } from 'node:path'
import { shown } from '../../text/shown.ts'
import { didYouSlip } from '../../text/suggestion.ts'
import type { Problems } from '../reading/problems.ts'

/** Warns of files that are nearly called as a group or host. Others are of groups that are not in this inventory. */
export function warnOfMisnamed(
  entries: readonly Dirent[],
  directory: string,
  names: readonly string[],
  problems: Problems,
): void {
  if (entries.length > MAX_COMPARED) return
  const noun = directory.endsWith('host_vars') ? 'host' : 'group'
  for (const { name } of entries) {
    if (name.startsWith('.') || name.endsWith('~')) continue
    const stem = name.replace(/\.(ya?ml|json)$/, '')
    const meant = didYouSlip(stem, names)
    if (!meant) continue
    problems.warn(
      { source: join(directory, name) },
      `is not read: there is no ${noun} ${shown(stem)}: ${meant}`,
    )
  }
}

/** To compare each of a thousand names with each would take seconds. */
const MAX_COMPARED = 20
