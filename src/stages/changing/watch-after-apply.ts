import { setTimeout as delay } from 'node:timers/promises'
import { type OpenedHost, readAgain } from '../../cluster/open-hosts.ts'
import { felixRefresh } from '../../defaults.ts'
import type { RunEvent } from '../../events.ts'
import type { RunReport } from '../../outcomes/run-report.ts'
import type { Run } from '../../runs/run.ts'
import { type ExaminedCluster, examineHosts } from '../examine.ts'
import { reportOn } from '../report.ts'

/**
 * Watches the hosts for some seconds after a change (unset: not at all), so that every Felix can refresh its rules
 * once. Then the report is `moved` if the change has lost its effect on any host, or a check fails there: its hosts are as they are
 * now, with what the run has `made`. If no refresh was seen on a host, or the host could not be read again, a note says so.
 */
export async function watchRules(
  report: RunReport,
  cluster: ExaminedCluster,
  seconds: number | undefined,
  run: Run,
): Promise<RunReport> {
  if (report.kind !== 'done' || seconds === undefined) return report
  if (run.signal.aborted) return unwatched(report, seconds)
  const names = cluster.opened.map(({ host }) => host.name)
  run.emit({ kind: 'phase-started', phase: 'watch', hosts: names.length, names, seconds })
  const changed = await readAgain(cluster.opened, run)
  await delay(seconds * 1000, undefined, { signal: run.signal }).catch(() => undefined)
  const opened = run.signal.aborted ? changed : await readAgain(changed, run)
  if (!run.signal.aborted) for (const one of opened) run.emit(hostDone(one))
  run.emit({ kind: 'phase-ended', phase: 'watch' })
  if (run.signal.aborted) return unwatched(report, seconds)
  const seen = opened.filter(({ link }) => link?.agent.lost() === undefined)
  const examined = await examineHosts({ ...cluster, opened: seen }, cluster.goal, 'look', run)
  if (run.signal.aborted) return unwatched(report, seconds)
  const now = reportOn(examined, report, run)
  const refreshed = opened.flatMap(({ host, facts }, index) =>
    markOf(facts) === markOf(changed[index]?.facts) ? [] : [host.name],
  )
  const moved = seen.length > 0 && now.kind !== 'done'
  const hosts = report.hosts.map((before, index) => {
    const unsure = before.outcome?.kind === 'incomplete'
    const then = moved && !unsure ? now.hosts.find((one) => one.host === before.host) : undefined
    const { changes: made, outcome } = before
    const host = then ? { ...then, made, outcome } : before
    const calm = !refreshed.includes(host.host) && opened[index]?.host.settings.guard === 'forward'
    return { ...host, notes: [...host.notes, ...doubts(opened[index], calm, seconds)] }
  })
  const { purpose, unfinished } = report
  const whole = moved ? { ...now, purpose, unfinished, kind: 'moved' as const } : report
  const unread = opened.flatMap((one) => (seen.includes(one) ? [] : [one.host.name]))
  const watched = { seconds, refreshed, ...(unread.length > 0 && { unread }) }
  return { ...whole, hosts, watched }
}

/** The change is kept, but nobody has watched what other programs do to it. */
function unwatched(report: RunReport, seconds: number): RunReport {
  const note = `the watch was interrupted, so fw-run does not know whether the guard still works. ${look}`
  return {
    ...report,
    watched: { seconds, refreshed: [], interrupted: true },
    hosts: report.hosts.map((host) => ({ ...host, notes: [...host.notes, note] })),
  }
}

function hostDone({ host, link }: OpenedHost): RunEvent {
  const lost = link?.agent.lost()
  const done = { kind: 'host-done', phase: 'watch', host: host.name } as const
  const detail = `fw-run could not read the host again: ${lost}`
  return lost === undefined ? { ...done, ok: true } : { ...done, ok: false, detail }
}

/** Why nobody knows whether the change lasts on a host. A Felix that finds nothing to mend writes nothing. */
function doubts(one: OpenedHost | undefined, calm: boolean, seconds: number): readonly string[] {
  const lost = one?.link?.agent.lost()
  if (lost !== undefined) {
    return [
      `fw-run could not read the host again after ${seconds} s: ${lost}. So fw-run does not know whether the guard still works. ${look}`,
    ]
  }
  return calm && seconds < felixRefresh.now
    ? [
        `no program changed FORWARD or the set within ${seconds} s. Felix refreshes its rules every ${felixRefresh.now} s (every ${felixRefresh.old} s in Calico 3.16 and older). Only then can fw-run see whether the position stays good. ${look}`,
      ]
    : []
}

const look = 'Run `fw-run status` in a few minutes'

/** A fingerprint of FORWARD and the set as they were read: a different one says that somebody wrote to them. */
function markOf(facts: OpenedHost['facts']): string | undefined {
  return facts?.state.kind === 'read' ? facts.state.value.fingerprint : undefined
}
