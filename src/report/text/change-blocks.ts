import type { Change } from '../../plan/change.ts'
import { countHosts, groupHosts, hostList } from '../host-list.ts'
import { describeChange, diffChange } from './change-words.ts'

/** A host with what was, or is to be, changed there. */
interface ChangedHost {
  readonly host: string
  readonly changes: readonly Change[]
}

/** What is changed where, equal hosts together; as rules where a diff is wanted. `lead` follows the names of the hosts. */
export function changeBlocks(
  hosts: readonly ChangedHost[],
  diff: boolean,
  lead = '',
): readonly string[] {
  const words = ({ changes }: ChangedHost): string =>
    changes.flatMap(diff ? diffChange : describeChange).join('\n')
  return [...groupHosts(hosts, words)].flatMap(([lines, group]) => [
    `  ${countHosts(group.length)}: ${hostList(group.map(({ host }) => host))}${lead}`,
    ...lines.split('\n').map((line) => `    ${line}`),
  ])
}
