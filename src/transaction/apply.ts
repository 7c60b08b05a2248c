import type { Sections } from '../agent/answer.ts'
import { textOf } from '../facts/reading.ts'
import { readState } from '../facts/state.ts'
import { inTurn } from '../turns.ts'
import type { HostFault } from './outcome.ts'
import type { Owner, Participant } from './participant.ts'
import { applyBody } from './steps.ts'
import { othersWrote, verify } from './verify.ts'

/**
 * What applying came to on one host, by its last plan. `untouched`: it surely changed nothing; `taken-back`: it did, and was
 * seen to be as before again.
 */
export interface Applied {
  readonly participant: Participant
  readonly state: 'untouched' | 'touched' | 'taken-back'
  readonly fault: HostFault | undefined
}

/**
 * Asks a host to carry out its changes, and verifies them by the state that the answer brings. The host keeps them for
 * `lease` seconds from each sign of the runner, and then takes them back: `holds` is called as soon as it has them.
 */
export async function applyOn(
  participant: Participant,
  owner: Owner,
  lease: number,
  holds: () => void = () => {},
): Promise<Applied> {
  const { agent, before, intent, changes } = participant
  const reply = await agent.request(
    ['apply', intent.set, owner.run, before.fingerprint, owner.who, `${lease}`],
    applyBody(changes),
  )
  const failed = (touched: boolean, kind: HostFault['kind'], reason: string): Applied => ({
    participant,
    state: touched ? 'touched' : 'untouched',
    fault: { step: 'apply', kind, reason },
  })
  if (reply.kind === 'lost') {
    return failed(reply.sent, reply.unheard ? 'unheard' : 'lost', reply.reason)
  }
  const [word, ...said] = textOf(reply.sections, 'result').split('\n')
  const reason = said.join(' ').trim()
  switch (word) {
    case 'applied':
      holds()
      return {
        participant,
        state: 'touched',
        fault: await inTurn(() => faultOf(participant, reply.sections)),
      }
    case 'stale':
      return failed(false, 'stale', 'the FORWARD chain or the set changed since it was read')
    case 'locked':
      return failed(false, 'locked', reason)
    case 'untouched':
      return failed(false, 'failed', reason)
    default: {
      // A command may have failed for what others did, such as an insertion behind rules that they took out.
      const state = readState(reply.sections)
      const moved = state.kind === 'read' && othersWrote(participant, state.value)
      return failed(
        true,
        moved ? 'stale' : 'failed',
        reason || `the agent answered '${word ?? ''}'`,
      )
    }
  }
}

function faultOf(participant: Participant, sections: Sections): HostFault | undefined {
  const flaw = verify(participant, sections)
  return flaw && { step: 'verify', ...flaw }
}
