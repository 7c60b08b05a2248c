import { setTimeout as delay } from 'node:timers/promises'
import type { Agent, Reply } from '../agent/agent.ts'
import { textOf } from '../facts/reading.ts'
import { readState } from '../facts/state.ts'
import { retryPauseMs } from '../limits.ts'
import { differences } from '../plan/drift.ts'
import type { HostOutcome } from './outcome.ts'
import type { Owner, Participant, Terms } from './participant.ts'

/**
 * Takes the changes of one host back and reads it again to see that it is as before. If its session is gone, the host
 * does so by itself, when its lease is over at the latest, and a new session looks.
 */
export async function rollbackOn(
  participant: Participant,
  { owner, lease, patience }: Terms,
): Promise<RolledBack> {
  const first = await takeBack(participant.agent, participant, owner)
  if (first) return asked(first)
  const end = performance.now() + lease * 1000 + patience / 10
  for (;;) {
    const second = await askAnew(participant, owner)
    if (typeof second !== 'string') return second
    if (performance.now() + retryPauseMs > end) return asked(unsure(second))
    await delay(retryPauseMs)
  }
}

/** Asks a living session to take the changes of its host back, and looks; nothing if the session is gone. */
export async function takeBack(
  agent: Agent,
  participant: Participant,
  owner: Owner,
): Promise<HostOutcome | undefined> {
  const reply = await ask(agent, participant, owner)
  return reply.kind === 'answered' ? judge(participant, reply) : undefined
}

/** How a rollback came out, and what the host had done by itself before it was asked, in its own words. */
export interface RolledBack {
  readonly outcome: HostOutcome
  readonly told: string | undefined
  /** Whether it did so because it had heard nothing from us: in the words of watchdog.sh. */
  readonly unheard: boolean
}

/** What came of asking, where the host did nothing by itself. */
function asked(outcome: HostOutcome): RolledBack {
  return { outcome, told: undefined, unheard: false }
}

/** Asks in a new session; why not, if that comes to nothing. */
async function askAnew(participant: Participant, owner: Owner): Promise<RolledBack | string> {
  const agent = await participant.reopen()
  if ('unreachable' in agent) {
    return `the connection is gone, and a new one failed: ${agent.unreachable}`
  }
  const read = await agent.request(['facts', participant.intent.set])
  const reply = read.kind === 'lost' ? read : await ask(agent, participant, owner)
  agent.end()
  if (reply.kind === 'lost' || read.kind === 'lost') {
    return reply.kind === 'lost' ? reply.reason : 'the host could not be read'
  }
  const note = textOf(read.sections, 'note').trim()
  const ours = `run ${owner.run} `
  const told = note.startsWith(ours) ? note.slice(ours.length) : undefined
  const outcome = judge(participant, reply)
  const unheard = /: nothing was heard from its runner/.test(told ?? '')
  const settled = textOf(reply.sections, 'result').includes('\nalready')
  if (!settled || outcome.kind !== 'incomplete') return { outcome, told, unheard }
  // It had nothing of ours any more, so what is different now somebody else has made different.
  const since = `since then another run has changed it (${outcome.left})`
  const all = [told, since].filter(Boolean).join('; ')
  return { outcome: { kind: 'rolled-back' }, told: all, unheard }
}

const hostTriesAgain = 'The host itself goes on trying for 5 minutes.'
const mend = 'Mend the cause; `fw-run recover` then takes back what is left.'

function ask(agent: Agent, { intent }: Participant, owner: Owner): Promise<Reply> {
  return agent.request(['rollback', intent.set, owner.run, owner.who])
}

function judge(
  { before, intent }: Participant,
  reply: Extract<Reply, { kind: 'answered' }>,
): HostOutcome {
  const remedy = `${hostTriesAgain} ${mend}`
  const incomplete = (left: string): HostOutcome => ({ kind: 'incomplete', left, remedy })
  const [word, ...said] = textOf(reply.sections, 'result').split('\n')
  if (word !== 'rolled-back')
    return incomplete(said.join(' ').trim() || `the agent answered '${word}'`)
  const after = readState(reply.sections)
  if (after.kind === 'unreadable') return incomplete(after.reason)
  const left = differences(before, after.value, intent.set)
  return left.length === 0 ? { kind: 'rolled-back' } : incomplete(left.join('; '))
}

function unsure(reason: string): HostOutcome {
  return {
    kind: 'incomplete',
    unseen: true,
    left: `not seen to be as before: ${reason}`,
    remedy:
      'The host takes the change back by itself, at the end of its lease at the latest. `fw-run recover` looks, and settles it, once it can be reached.',
  }
}
