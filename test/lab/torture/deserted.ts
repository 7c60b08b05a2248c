import { setTimeout as delay } from 'node:timers/promises'
import { startingText } from '../../../src/agent/program/starting-text.ts'
import type { Arena } from './arena.ts'
import type { Disturbed } from './disturb.ts'
import { type HostView, readProc } from './host-view.ts'
import { anatomyOf, type HostProcess, processesOf } from './processes.ts'
import { deafened, type Trial } from './trial.ts'

/**
 * How many leases an agent lives without a word from its runner, the seconds after which its clock begins to look (clock.sh), and those
 * that a request and a look may take.
 */
const leases = 2
const firstLook = 20
const looking = 5

/** A shell that has read less than this, in bytes, never got its program. */
const program = startingText([]).length

/**
 * Waits until the agents that a cut link or a stopped runner left alone have ended, and tells which have not.
 * The link stays cut meanwhile. A login whose program was never sent has no clock yet: it waits for TCP to give up, as any login does.
 */
export async function deserted(
  arena: Arena,
  { lease }: Trial,
  { done, endedAt }: Disturbed,
): Promise<readonly string[]> {
  const count = arena.hosts.length
  const cuts = done.filter(({ damage }) => deafened(damage, count).length > 0)
  const hosts = [...new Set(cuts.flatMap(({ damage }) => deafened(damage, count)))]
  const views = hosts.flatMap((at) => arena.hosts[at]?.view ?? [])
  const by =
    Math.max(endedAt, ...cuts.map(({ at }) => at)) +
    (Math.max(leases * lease, firstLook) + looking) * 1000
  while (views.some((view) => idleAgents(view).length > 0) && performance.now() < by) {
    await delay(100)
  }
  return views.flatMap((view) => {
    const left = idleAgents(view).map(({ command }) => command)
    return left.length > 0 ? [`${view.name}: deserted, but still there: ${left.join(' | ')}`] : []
  })
}

function idleAgents(view: HostView): readonly HostProcess[] {
  return anatomyOf(processesOf(view)).agents.filter(({ pid }) => {
    const read = /^rchar: (\d+)$/m.exec(readProc(pid, 'io'))
    return Number(read?.[1] ?? 0) > program
  })
}
