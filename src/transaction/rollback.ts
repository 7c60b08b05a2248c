import type { Agent, Reply } from '../agent/agent.ts'
import { textOf } from '../facts/reading.ts'
import { readState } from '../facts/state.ts'
import { differences } from '../plan/drift.ts'
import type { HostOutcome } from './outcome.ts'
import type { Owner, Participant } from './participant.ts'
import { rollbackBody } from './steps.ts'

/**
 * Takes the changes of one host back and reads it again to see that it is as before. If its session is gone, the agent
 * there has begun to do so by itself, and a new session finishes and looks.
 */
export async function rollbackOn(participant: Participant, owner: Owner): Promise<HostOutcome> {
  const first = await ask(participant.agent, participant, owner)
  if (first.kind === 'answered') return judge(participant, first, `${agentTriesAgain} ${mend}`)
  const agent = await participant.reopen()
  if ('unreachable' in agent) {
    return unsure(`the connection is gone, and a new one failed: ${agent.unreachable}`)
  }
  const read = await agent.request(['facts', participant.intent.set])
  const second = read.kind === 'lost' ? read : await ask(agent, participant, owner)
  agent.end()
  return second.kind === 'lost' ? unsure(second.reason) : judge(participant, second, mend)
}

const agentTriesAgain = 'The host itself tries again for half a minute.'
const mend =
  'Mend the cause, see with `fw-run status` what is left, and run the same command again.'

function ask(agent: Agent, { intent, changes }: Participant, owner: Owner): Promise<Reply> {
  return agent.request(['rollback', intent.set, owner.run, owner.who], rollbackBody(changes))
}

function judge(
  { before, intent }: Participant,
  reply: Extract<Reply, { kind: 'answered' }>,
  remedy: string,
): HostOutcome {
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
    left: `not seen to be as before: ${reason}`,
    remedy:
      'The host takes the change back by itself when its connection ends. Look with `fw-run status` once it can be reached.',
  }
}
