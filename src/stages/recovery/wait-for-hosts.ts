import { setTimeout as delay } from 'node:timers/promises'
import { textOf } from '../../facts/reading.ts'
import { retryPauseMs } from '../../limits.ts'
import type { RecoveredHost } from '../../outcomes/recovery.ts'
import type { OpenedHost } from '../opening/open-hosts.ts'
import type { Run } from '../run.ts'

/** A host of which it is not known, or not as it should be, how it stands. */
export type UnfinishedHost = Extract<RecoveredHost, { kind: 'unfinished' }>

/**
 * Waits until no run holds any of these hosts, `seconds` at most, and each has taken back or cleared away what a dead run
 * left there. Tells those where that did not come about, and those that were not reached, of which everybody has heard.
 */
export async function waitForHosts(
  opened: readonly OpenedHost[],
  seconds: number,
  run: Run,
): Promise<readonly UnfinishedHost[]> {
  const until = performance.now() + seconds * 1000
  const reached = opened.filter(({ link }) => link)
  const names = reached.map(({ host }) => host.name)
  run.emit({ kind: 'phase-started', phase: 'recover', hosts: names.length, names, seconds })
  const found = await Promise.all(
    opened.map(async (one) => {
      const fault = await waitForHost(one, until, run)
      if (!one.link) return fault
      const detail = fault ? { detail: fault.reason } : {}
      run.emit({ kind: 'host-done', phase: 'recover', host: one.host.name, ok: !fault, ...detail })
      return fault
    }),
  )
  run.emit({ kind: 'phase-ended', phase: 'recover' })
  return found.flatMap((fault) => fault ?? [])
}

async function waitForHost(
  { host, link, findings }: OpenedHost,
  until: number,
  run: Run,
): Promise<UnfinishedHost | undefined> {
  const open = (reason: string, remedy: string) => unfinished(host.name, reason, remedy)
  const found = findings.find(({ result }) => result.kind === 'fail')
  if (found?.result.kind === 'fail') {
    const { reason, remedy } = found.result
    return open(reason, found.unreachable ? `${remedy} ${gone}` : remedy)
  }
  if (!link) return open('the run was interrupted before it was reached', again)
  const { run: id, who } = run.owner
  for (;;) {
    const reply = await link.agent.request(['settle', host.settings.set, id, who])
    if (reply.kind === 'lost') return open(`the session was lost: ${reply.reason}`, again)
    const [word, ...said] = textOf(reply.sections, 'result').split('\n')
    const reason = said.join(' ').trim() || `the agent answered '${word ?? ''}'`
    if (word === 'settled') return undefined
    if (word !== 'locked') return open(reason, mend)
    if (run.signal.aborted || performance.now() > until) return open(reason, wait)
    await delay(retryPauseMs, undefined, { signal: run.signal }).catch(() => undefined)
  }
}

const gone =
  'If the host is gone for good, take it out of that inventory: `fw-run apply` or `fw-run remove` on all others then settles that run.'
const again = 'Run `fw-run recover` again.'
const mend = 'Mend that there, and run `fw-run recover` again.'
const wait = 'Wait until that run has ended, and run `fw-run recover` again.'

/** A host that stays unfinished, and why; not by any doing of this run. */
export function unfinished(host: string, reason: string, remedy: string): UnfinishedHost {
  return { host, kind: 'unfinished', reason, remedy, doubtful: false }
}
