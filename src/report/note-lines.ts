import { groupHosts, hostList } from './host-list.ts'
import type { RunReport } from './run-report.ts'

/** Notes, each once, with the hosts that it is about. */
export function noteLines({ hosts }: RunReport): readonly string[] {
  const notes = hosts.flatMap(({ host, notes }) => notes.map((note) => ({ host, note })))
  return [...groupHosts(notes, ({ note }) => note)].map(
    ([note, group]) => `  ${hostList(group.map(({ host }) => host))}: ${note}`,
  )
}
