import type { Owner } from '../agent/agent.ts'
import { describeHolder } from '../agent/holder.ts'
import { readState } from '../facts/state.ts'
import { maxReplans } from '../limits.ts'
import { undoOf } from '../plan/change.ts'
import { inTurns } from '../waiting/event-loop-turn.ts'
import { attempt } from './attempt.ts'
import type { Leases } from './lease.ts'
import type { HostFault } from './outcome.ts'
import type { Participant, Terms } from './participant.ts'
import { rollBack } from './rollback.ts'
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
 * Changes one host although others write to its rules. If they wrote meanwhile, the host is rolled back, read, checked and
 * planned again, while the other hosts hold their changes. So writers on one host cost the others nothing. `over` says that
 * another host or the user has ended the transaction: then nothing new is begun. Undefined for a host that was not changed
 * for that reason. Never rejects.
 */
export async function applyWhileOthersWrite(
  first: Participant,
  leases: Leases,
  { owner, lease }: Terms,
  over: () => boolean,
): Promise<Applied | undefined> {
  let participant = first
  let state: 'untouched' | 'rolled-back' = 'untouched'
  for (let replans = 0; ; replans++) {
    const current = participant
    const applied = await attempt<Applied>(
      () => applyOn(current, owner, lease, () => leases.begin(current)),
      // Nobody knows how far it came.
      (reason) => ({
        participant: current,
        state: 'touched',
        fault: { step: 'apply', kind: 'failed', reason },
      }),
    )
    if (applied.state === 'touched') {
      if (applied.fault?.kind !== 'stale' || replans === maxReplans) return applied
      leases.end(current)
      // If that fails, it is tried again when all hosts are rolled back.
      const outcome = await attempt(
        () => rollBack(current.agent, current, owner),
        () => undefined,
      )
      if (outcome?.kind !== 'rolled-back') return applied
      state = 'rolled-back'
    } else if (applied.fault?.kind !== 'stale' || replans === maxReplans) {
      return { ...applied, state }
    }
    const plan = over()
      ? undefined
      : await attempt<Awaited<ReturnType<Participant['planAgain']>>>(
          () => current.planAgain(),
          (reason) => ({ kind: 'failed', reason }),
        )
    if (!plan || over()) return state === 'rolled-back' ? { ...applied, state } : undefined
    if ('reason' in plan) return { participant: current, state, fault: { step: 'apply', ...plan } }
    participant = { ...current, ...plan }
  }
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
      return failed('untouched', 'stale', changedSinceRead)
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

/** A plan depends on what the fingerprint of a host names, whatever the guard. */
const changedSinceRead =
  'FORWARD, the guard or its boot files changed on this host after fw-run had read them'
