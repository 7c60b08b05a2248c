import {
  changesOfRun,
  type HostReport,
  isGuarded,
  type RunReport,
} from '../../outcomes/run-report.ts'
import { countHosts, groupHosts, hostList } from '../../text/host-list.ts'
import type { Paint } from '../../text/paint.ts'
import { section } from '../layout/sections.ts'
import { describeChange } from './change-words.ts'
import { diffChange } from './diff.ts'
import { statusCaveat } from './status-caveat.ts'

/** What was, or is to be, changed, under a title that says which. */
export function changeSections(report: RunReport, paint: Paint): readonly (readonly string[])[] {
  const { hosts, diff, kind, purpose } = report
  if (kind === 'refused' && purpose === 'change') return []
  const titled = (title: string, some: readonly HostReport[], lead = ''): readonly string[] =>
    section(title, changeLines(some, { diff, lead }, paint), paint)
  if (kind === 'rolled-back' || kind === 'interrupted' || kind === 'stale') {
    const back = hosts.filter(({ outcome }) => outcome?.kind === 'rolled-back')
    return [titled('ROLLED BACK', back, '; done, then rolled back:')]
  }
  const changing = hosts.filter(({ changes }) => changes.length > 0)
  if (kind === 'done') return [titled('CHANGED', changing)]
  if (kind === 'moved') {
    const changed = hosts.map((host) => ({ ...host, changes: changesOfRun(host) }))
    return [
      titled(
        'CHANGED',
        changed.filter(({ changes }) => changes.length > 0),
      ),
      titled(
        'TO BE CHANGED AGAIN: apply would do this',
        changing.filter(({ made }) => made),
      ),
    ]
  }
  if (purpose !== 'look') return [titled('TO BE CHANGED', changing)]
  const refused = hosts.some(({ findings }) =>
    findings.some(({ result }) => result.kind === 'fail'),
  )
  const mends = refused
    ? ': apply would do this, but first fix the checks that fail'
    : ': apply would do this'
  const mended = statusCaveat(report) ? '' : mends
  return [
    titled(
      `UNPROTECTED${mended}`,
      changing.filter((host) => !isGuarded(host)),
    ),
    titled(`DRIFTED${mended}`, changing.filter(isGuarded)),
  ]
}

/** What is changed where, equal hosts together; as rules where a diff is wanted. `lead` follows the names of the hosts. */
function changeLines(
  hosts: readonly HostReport[],
  { diff, lead }: { readonly diff: boolean; readonly lead: string },
  paint: Paint,
): readonly string[] {
  const words = ({ changes }: HostReport): string =>
    changes
      .flatMap((change) => (diff ? diffChange(change, paint) : describeChange(change)))
      .join('\n')
  return [...groupHosts(hosts, words)].flatMap(([lines, group]) => [
    `  ${countHosts(group.length)}: ${hostList(group.map(({ host }) => host))}${lead}`,
    ...lines.split('\n').map((line) => `    ${line}`),
  ])
}
