import type { PastHost, PastRun } from '../../journal/past-run.ts'
import { leftOf } from '../../plan/drift.ts'
import type { RecoveredHost } from '../../report/past/recovery.ts'
import type { OpenedHost } from '../open-hosts.ts'
import { unsettled } from './settle-hosts.ts'

/** A later run that has the last word on hosts: they need not be as an earlier one found them, or wanted them. */
export interface Changer {
  readonly id: string
  readonly hosts: readonly string[]
}

/** Tells of each host of a run whose change was not to be kept, read since, whether it is as before. */
export function lookAgain(
  past: PastRun,
  read: readonly OpenedHost[],
  later: readonly Changer[],
): readonly RecoveredHost[] {
  return past.hosts.flatMap((host) => {
    const one = read.find((candidate) => candidate.host.name === host.name)
    return one ? judge(host, one, later) : []
  })
}

function judge(
  { name, changes, intent }: PastHost,
  { facts }: OpenedHost,
  later: readonly Changer[],
): RecoveredHost {
  if (!facts || facts.state.kind === 'unreadable') {
    const reason = facts?.state.kind === 'unreadable' ? facts.state.reason : 'it told no facts'
    return unsettled(name, reason, 'Mend that there, and run `fw-run recover` again.')
  }
  const left = leftOf(changes, facts.state.value, intent.set)
  if (left.length === 0) return { host: name, kind: 'as-before' }
  const [changed] = changedSince(name, later)
  if (changed) return changed
  return unsettled(
    name,
    `not as before that run, and nobody touches it now. ${left.join('; ')}`,
    'Look with `fw-run status`; `fw-run apply` or `fw-run remove` on all its hosts brings them to one state and settles that run.',
  )
}

/** What there is to say of a host that a later run has changed; nothing if none has. */
export function changedSince(host: string, later: readonly Changer[]): readonly RecoveredHost[] {
  const changer = later.find(({ hosts }) => hosts.includes(host))
  return changer ? [{ host, kind: 'changed-since', by: changer.id }] : []
}
