import { hostList } from './host-list.ts'
import { type HostState, type RunReport, stateOf } from './run-report.ts'

/** What came of a run, in a few words for the list of runs. */
export function summary(report: RunReport): string {
  const named = (...states: HostState[]): string[] =>
    report.hosts.filter((host) => states.includes(stateOf(host, report))).map(({ host }) => host)
  const unsure = named('incomplete')
  if (unsure.length > 0) return `not sure of ${hostList(unsure)}`
  const culprits = hostList(named('failed', 'unreachable'))
  const because = culprits ? ` because of ${culprits}` : ''
  switch (report.kind) {
    case 'done':
    case 'moved': {
      const changed = named('changed').length
      const since = report.kind === 'moved' ? ', others moved rules since' : ''
      return changed === 0
        ? `nothing to do${since}`
        : `changed ${changed} of ${report.hosts.length}${since}`
    }
    case 'rolled-back':
      return `rolled back${because}`
    case 'stale':
      return `gave up, rules kept changing${because}`
    default:
      return `${report.kind}${because}`
  }
}
