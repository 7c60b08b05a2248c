import type { Owner } from '../agent/agent.ts'
import { describeHolder } from '../agent/holder.ts'
import { readState } from '../facts/state.ts'
import type { Intent } from '../guard/intent.ts'
import { undoOf } from '../plan/change.ts'
import { inTurns } from '../waiting/event-loop-turn.ts'
import type { HostFault } from './outcome.ts'
import type { Participant } from './participant.ts'
import { othersWrote, verify } from './verify.ts'

/**
 * What applying came to on one host, by its last plan. `untouched`: it surely changed nothing. `rolled-back`: it changed
 * something, and was seen to be as before again.
 */
export interface Applied {
  readonly participant: Participant
  readonly state: 'untouched' | 'touched' | 'rolled-back'
  readonly fault: HostFault | undefined
}

/**
 * Asks a host to make its changes, and verifies them by the state that the answer brings. The host rolls back `lease`
 * seconds after the last sign of the runner. `holds` is called as soon as the host has its changes.
 */
export async function applyOn(
  participant: Participant,
  owner: Owner,
  lease: number,
  holds: () => void = () => {},
): Promise<Applied> {
  const { agent, before, intent, changes } = participant
  const answer = await agent.apply({
    set: intent.set,
    owner,
    fingerprint: before.fingerprint,
    lease,
    changes,
    undo: undoOf(changes),
  })
  const failed = (
    state: 'untouched' | 'touched',
    kind: HostFault['kind'],
    reason: string,
  ): Applied => ({ participant, state, fault: { step: 'apply', kind, reason } })
  switch (answer.kind) {
    case 'lost': {
      const state = answer.sent ? 'touched' : 'untouched'
      return failed(state, answer.unheard ? 'unheard' : 'lost', answer.reason)
    }
    case 'stale':
      return failed('untouched', 'stale', staleReason(participant))
    case 'locked':
      return failed('untouched', 'locked', describeHolder(answer.holder))
    case 'untouched':
      return failed('untouched', 'failed', answer.reason)
    case 'failed': {
      // Others may be the cause: they removed rules, and there was no such position any more.
      const state = readState(answer.state)
      const moved = state.kind === 'read' && othersWrote(participant, state.value)
      return failed('touched', moved ? 'stale' : 'failed', answer.reason)
    }
    case 'applied': {
      holds()
      const flaw = await inTurns(() => verify(participant, answer.state))
      return { participant, state: 'touched', fault: flaw && { step: 'verify', ...flaw } }
    }
  }
}

function staleReason({ intent }: Participant): string {
  return `${watched[intent.kind]} changed since it was read`
}

/** What a plan depends on, by the guard that is wanted. */
const watched: Readonly<Record<Intent['kind'], string>> = {
  forward: 'the FORWARD chain or the set',
  nft: 'our table',
  mangle: 'our chain or its set',
  remove: 'the FORWARD chain or the set',
}
