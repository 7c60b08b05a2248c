import type { PastHost, PastRun } from '../../journal/past-run.ts'
import { type RecoveredHost, unfinished } from '../../outcomes/recovery.ts'
import { leftOf } from '../../plan/drift.ts'
import type { OpenedHost } from '../opening/open-hosts.ts'
import { isSame, type Named } from '../unfinished-runs.ts'
import type { LaterRun } from './later-runs.ts'

/** Tells of each host of a run whose change was not to be kept, read since, whether it is as before. */
export function lookAgain(
  past: PastRun,
  read: readonly OpenedHost[],
  later: readonly LaterRun[],
): readonly RecoveredHost[] {
  return past.hosts.flatMap((host) => {
    const one = read.find((candidate) => candidate.host.name === host.name)
    return one ? judge(host, one, later) : []
  })
}

function judge(host: PastHost, { facts }: OpenedHost, later: readonly LaterRun[]): RecoveredHost {
  const { name, changes, intent } = host
  if (!facts || facts.state.kind === 'unreadable') {
    const reason = facts?.state.kind === 'unreadable' ? facts.state.reason : 'it told no facts'
    return unfinished(name, reason, 'Mend that there, and run `fw-run recover` again.')
  }
  const left = leftOf(changes, facts.state.value, intent.set)
  if (left.length === 0) return { host: name, kind: 'as-before' }
  const [over] = superseded(host, later)
  if (over) return over
  return unfinished(
    name,
    `not as before that run, and nobody touches it now. ${left.join('; ')}`,
    'Look with `fw-run status`; `fw-run apply` or `fw-run remove` on all its hosts brings them to one state and settles that run.',
  )
}

/** What there is to say of a host on which a later run has the last word; nothing if none has. */
export function superseded(host: Named, later: readonly LaterRun[]): readonly RecoveredHost[] {
  const over = later.find(({ hosts }) => hosts.some((one) => isSame(one, host)))
  return over ? [{ host: host.name, kind: 'superseded', by: over.id }] : []
}
