import type { HostReport, RunReport } from '../../outcomes/run-report.ts'
import { countHosts, groupHosts, hostList } from '../host-list.ts'
import { section } from '../layout/sections.ts'
import type { Paint } from '../paint.ts'
import { describeChange, diffChange } from './change-words.ts'
import { reservation } from './status-caveat.ts'

/** What was, or is to be, changed, under a title that says which. */
export function changeSections(report: RunReport, paint: Paint): readonly (readonly string[])[] {
  const { hosts, diff, kind, purpose } = report
  if (kind === 'refused' && purpose === 'change') return []
  const told = (title: string, some: readonly HostReport[], lead = ''): readonly string[] =>
    section(title, changeBlocks(some, diff, lead), paint)
  if (kind === 'rolled-back' || kind === 'interrupted' || kind === 'stale') {
    const back = hosts.filter(({ outcome }) => outcome?.kind === 'rolled-back')
    return [told('TAKEN BACK', back, '; was done and undone:')]
  }
  const changing = hosts.filter(({ changes }) => changes.length > 0)
  if (kind === 'done') return [told('CHANGED', changing)]
  if (purpose !== 'look') return [told('TO BE CHANGED', changing)]
  const bare = changing.filter(isBare)
  const drifted = changing.filter((host) => !isBare(host))
  const mended = !reservation(report)
  return [
    told(mended ? 'NOT PROTECTED, mended by apply as follows' : 'NOT PROTECTED', bare),
    told(mended ? 'DRIFT, mended by apply as follows' : 'DRIFT', drifted),
  ]
}

/** Whether nothing of ours is on a host, neither rule nor set: then nothing has drifted there, it was never protected. */
export function isBare({ guards, changes }: HostReport): boolean {
  const setIsNew = changes.some((change) => change.kind === 'set' && change.before === undefined)
  return guards.length === 0 && setIsNew
}

/** What is changed where, equal hosts together; as rules where a diff is wanted. `lead` follows the names of the hosts. */
function changeBlocks(hosts: readonly HostReport[], diff: boolean, lead = ''): readonly string[] {
  const words = ({ changes }: HostReport): string =>
    changes.flatMap(diff ? diffChange : describeChange).join('\n')
  return [...groupHosts(hosts, words)].flatMap(([lines, group]) => [
    `  ${countHosts(group.length)}: ${hostList(group.map(({ host }) => host))}${lead}`,
    ...lines.split('\n').map((line) => `    ${line}`),
  ])
}
