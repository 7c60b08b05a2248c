import type { ClearAnswer, Lost } from '../../agent/agent.ts'
import { describeHolder, nameHolder } from '../../agent/holder.ts'
import type { OpenedHost } from '../../cluster/open-hosts.ts'
import { type UnfinishedHost, unfinished } from '../../outcomes/recovery.ts'
import type { Run } from '../../runs/run.ts'
import { keepTrying } from '../../transaction/keep-trying.ts'

/**
 * Waits until no run holds any of these hosts, and each has rolled back or cleared away what a dead run left there; for
 * `milliseconds` at most. Returns the hosts where this failed, and those that were not reached, which were reported already.
 * `past` is the run that is to be finished. `ifGone` says what to do about a host that does not exist any more.
 */
export async function waitUntilClear(
  opened: readonly OpenedHost[],
  past: string,
  milliseconds: number,
  run: Run,
  ifGone: (host: string) => string | undefined,
): Promise<readonly UnfinishedHost[]> {
  const reached = opened.filter(({ link }) => link)
  const names = reached.map(({ host }) => host.name)
  run.emit({
    kind: 'phase-started',
    phase: 'recover',
    hosts: names.length,
    names,
    seconds: milliseconds / 1000,
  })
  const found = await Promise.all(
    opened.map(async (one) => {
      const fault = await waitForOne(one, past, milliseconds, run, ifGone)
      if (!one.link) return fault
      const detail = fault && { detail: fault.reason }
      run.emit({ kind: 'host-done', phase: 'recover', host: one.host.name, ok: !fault, ...detail })
      return fault
    }),
  )
  run.emit({ kind: 'phase-ended', phase: 'recover' })
  return found.flatMap((fault) => fault ?? [])
}

async function waitForOne(
  { host, link, findings }: OpenedHost,
  past: string,
  milliseconds: number,
  { owner, signal }: Run,
  ifGone: (host: string) => string | undefined,
): Promise<UnfinishedHost | undefined> {
  const found = findings.find(({ result }) => result.kind === 'fail')
  if (found?.result.kind === 'fail') {
    const { reason, remedy } = found.result
    const gone = found.unreachable && ifGone(host.name)
    return unfinished(host.name, reason, gone ? `${remedy} ${gone}` : remedy)
  }
  if (!link)
    return unfinished(host.name, 'fw-run was interrupted before it reached the host', again)
  const answer = await keepTrying(
    () => link.agent.clear(host.settings.set, owner),
    ({ kind }) => kind !== 'locked',
    milliseconds,
    signal,
  )
  return unfinishedBy(host.name, answer, past)
}

function unfinishedBy(
  host: string,
  answer: ClearAnswer | Lost,
  past: string,
): UnfinishedHost | undefined {
  switch (answer.kind) {
    case 'cleared':
      return undefined
    case 'locked':
      return heldBy(host, answer, past)
    case 'failed':
      return unfinished(host, answer.reason, mend)
    case 'lost':
      return unfinished(host, `the session was lost: ${answer.reason}`, again)
  }
}

function heldBy(
  host: string,
  { holder, stuck }: Extract<ClearAnswer, { kind: 'locked' }>,
  past: string,
): UnfinishedHost {
  const own = holder.run === past
  if (stuck === undefined) {
    return own
      ? unfinished(
          host,
          'the agent or the watchdog of this run is still at work on this host',
          soon,
        )
      : unfinished(host, describeHolder(holder), wait)
  }
  const whose = own ? 'this run' : nameHolder(holder)
  return unfinished(host, `the host could not roll back the change of ${whose}: ${stuck}`, mend)
}

const again = 'Run the same command again.'
const mend = 'Remove the cause on that host, then run the same command again.'
const soon = 'Wait a minute, then run the same command again.'
const wait = 'Wait until that run has ended, then run the same command again.'
