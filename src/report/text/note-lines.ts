import type { RunReport } from '../../outcomes/run-report.ts'
import { groupHosts, hostList } from '../host-list.ts'

/** Notes, each once, with the hosts that it is about. */
export function noteLines({ hosts }: RunReport): readonly string[] {
  const notes = hosts.flatMap(({ host, notes }) => notes.map((note) => ({ host, note })))
  return [...groupHosts(notes, ({ note }) => note)].map(
    ([note, group]) => `  ${hostList(group.map(({ host }) => host))}: ${note}`,
  )
}
