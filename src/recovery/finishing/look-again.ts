import type { OpenedHost } from '../../cluster/open-hosts.ts'
import type { PastHost, PastRun } from '../../journal/past-run.ts'
import { type RecoveredHost, unfinished } from '../../outcomes/recovery.ts'
import { leftOf } from '../../plan/left-after-rollback.ts'
import { type LaterRun, superseded } from './later-runs.ts'

/** Judges whether each host of a run that was not decided is as before that run, by how it was read now. */
export function lookAgain(
  past: PastRun,
  read: readonly OpenedHost[],
  later: readonly LaterRun[],
): readonly RecoveredHost[] {
  return past.hosts.flatMap((host) => {
    const one = read.find((candidate) => candidate.host.name === host.name)
    return one ? judge(host, one, superseded(host, past, later)) : []
  })
}

function judge(
  host: PastHost,
  { facts }: OpenedHost,
  [over]: readonly RecoveredHost[],
): RecoveredHost {
  const { name, changes, intent } = host
  if (!facts || facts.state.kind === 'unreadable') {
    const reason = facts?.state.kind === 'unreadable' ? facts.state.reason : 'it could not be read'
    return unfinished(
      name,
      reason,
      'Remove the cause on that host, then run the same command again.',
    )
  }
  const left = leftOf(changes, facts.state.value, intent.set)
  if (left.length === 0) return { host: name, kind: 'as-before' }
  if (over) return over
  return unfinished(
    name,
    `the host differs from its state before that run, and nothing will roll it back: ${left.join('; ')}`,
    '`fw-run status` shows the hosts. Run `fw-run apply` or `fw-run remove` on all hosts of that run. Then all these hosts have the same state, and the run is finished.',
  )
}
