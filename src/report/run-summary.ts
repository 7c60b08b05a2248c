import { probeRefusal } from '../outcomes/probe-policy.ts'
import { type HostStatus, isUnconfirmed, type RunReport, statusOf } from '../outcomes/run-report.ts'
import { hostList } from '../text/host-list.ts'
import { objectionCause } from '../words/trouble.ts'
import { inWave } from '../words/waves.ts'

/** How a run came out, in a few words for the list of runs. */
export function summary(report: RunReport): string {
  const named = (...states: HostStatus[]): string[] =>
    report.hosts.filter((host) => states.includes(statusOf(host, report))).map(({ host }) => host)
  const unsure = named('incomplete')
  if (unsure.length > 0) return `not complete on ${hostList(unsure)}`
  const culprits = hostList(named('failed', 'unreachable'))
  const because = culprits ? ` because of ${culprits}` : ''
  switch (report.kind) {
    case 'done': {
      const changed = named('changed').length
      const absent = named('left-out')
      const without = absent.length > 0 ? `; left out ${hostList(absent)}` : ''
      const { unread } = report.watched ?? {}
      const unseen = unread ? `; could not read ${hostList(unread)} again` : ''
      const done = changed === 0 ? 'nothing to do' : `changed ${changed} of ${report.hosts.length}`
      return `${done}${without}${unseen}`
    }
    case 'moved':
      return `done, but no longer as planned${because}`
    case 'rolled-back':
      return `rolled back${inWave(report.waves, report.reached)}${objected(report) || because}`
    case 'declined':
      return `not confirmed (${objectionCause(report.objections)}); nothing was changed`
    case 'refused': {
      const probe = probeRefusal(report)
      return `refused${because || (probe ? `: ${probe}` : '')}`
    }
    case 'interrupted':
      // A host that was lost or unheard has its fault for a status.
      return report.hosts.some(({ outcome }) => outcome?.kind === 'rolled-back')
        ? `interrupted${inWave(report.waves, report.reached)}; rolled back`
        : 'interrupted before any change'
    case 'stale':
      return `gave up: other programs changed the rules again and again${culprits ? ` on ${culprits}` : ''}`
    default:
      return `${report.kind}${because}`
  }
}

/** Why the change was not kept; empty where the fault of a host came before that. */
function objected(report: RunReport): string {
  const { objections, hosts } = report
  if (objections.length === 0 || hosts.some(({ fault }) => fault)) return ''
  const cause = objectionCause(objections)
  return isUnconfirmed(report) ? `: not confirmed (${cause})` : `: ${cause}`
}
