import type { Agent, Owner, RollbackAnswer } from '../agent/agent.ts'
import { describeNote, type HostNote } from '../agent/host-note.ts'
import { readState } from '../facts/state.ts'
import { differences } from '../plan/left-after-rollback.ts'
import { inTurn } from '../waiting/event-loop-turn.ts'
import { keepTrying } from './keep-trying.ts'
import type { HostOutcome } from './outcome.ts'
import type { Participant, Terms } from './participant.ts'

/** How a rollback came out, and what the host had done by itself before it was asked. */
export interface RolledBack {
  readonly outcome: HostOutcome
  readonly told?: Told
}

/** What the host had done by itself; `unheard`: because it had heard nothing from us. */
interface Told {
  readonly words: string
  readonly unheard: boolean
}

/**
 * Waits until a host that was told to roll back answers. If its session is gone, the host rolls back by itself, at the end
 * of its lease at the latest. New sessions then look, for as long as that may take.
 */
export async function rollbackOn(
  participant: Participant,
  answer: Promise<HostOutcome | undefined>,
  { owner, lease, grace }: Terms,
): Promise<RolledBack> {
  const first = await answer
  if (first) return { outcome: first }
  const look = (): Promise<Attempt> =>
    keepTrying(
      () => rollBackAnew(participant, owner),
      (result) => result.kind === 'seen',
      lease * 1000 + grace,
    )
  const found = await look()
  // Its watchdog may be slow, but it ends.
  const last = found.kind === 'busy' ? await look() : found
  return last.kind === 'seen' ? last.result : { outcome: unseen(last.reason) }
}

/** Rolls a host back through a living session, and reads it again to see that it is as before; undefined if the session is gone. */
export async function rollBack(
  agent: Agent,
  participant: Participant,
  owner: Owner,
): Promise<HostOutcome | undefined> {
  const answer = await agent.rollBack(participant.intent.set, owner)
  return answer.kind === 'lost' ? undefined : outcomeOf(await leftOn(participant, answer))
}

type Attempt =
  | { readonly kind: 'seen'; readonly result: RolledBack }
  | { readonly kind: 'unseen' | 'busy'; readonly reason: string }

async function rollBackAnew(participant: Participant, owner: Owner): Promise<Attempt> {
  const agent = await participant.reopen()
  if ('unreachable' in agent) {
    const reason = `the connection is gone, and a new one failed: ${agent.unreachable}`
    return { kind: 'unseen', reason }
  }
  const answer = await agent.rollBack(participant.intent.set, owner, participant.agent.process())
  agent.end()
  if (answer.kind === 'lost') return { kind: 'unseen', reason: answer.reason }
  if (answer.kind === 'failed' && answer.busy) return { kind: 'busy', reason: answer.reason }
  return { kind: 'seen', result: await resultOf(participant, answer) }
}

async function resultOf(participant: Participant, answer: RollbackAnswer): Promise<RolledBack> {
  const left = await leftOn(participant, answer)
  const note = answer.kind === 'rolled-back' ? answer.note : undefined
  const words = note && `the host ${describeNote(note)}`
  const unheard = isUnheard(note)
  const already = answer.kind === 'rolled-back' && answer.already
  if (!already || !left) {
    return { outcome: outcomeOf(left), ...(words && { told: { words, unheard } }) }
  }
  // Nothing of this run is there any more. Only its note says that the host was as before until then: a reboot takes the guard, too.
  // A host that had nothing to change writes no note: what is different there is not of this run.
  const wrote = note?.kind === 'rolled-back'
  if (!wrote && participant.changes.length > 0) {
    const outcome = left.kind === 'different' ? incomplete(left, rebooted) : incomplete(left)
    return { outcome, ...(words && { told: { words, unheard } }) }
  }
  const since = wrote ? `${words}; after its rollback` : 'this run changed nothing on this host'
  const all = `${since}, ${changedSince(left, wrote)} (${left.words})`
  return { outcome: { kind: 'rolled-back' }, told: { words: all, unheard } }
}

/** Why a host differs that this run has left as it was; `wrote`: it was not rebooted since its rollback. */
function changedSince({ kind }: Left, wrote: boolean): string {
  if (kind !== 'different')
    return wrote ? 'fw-run could not read this host' : 'but fw-run could not read it again'
  return wrote
    ? 'another run or program changed this host'
    : 'but another run or program changed it, or it was rebooted'
}

function isUnheard(note: HostNote | undefined): boolean {
  return note?.kind === 'rolled-back' && note.cause.kind === 'unheard'
}

/** Why a host may not be as before: it could not roll back, cannot be read, or something is different. */
interface Left {
  readonly kind: 'failed' | 'unreadable' | 'different'
  readonly words: string
}

/** All hosts answer at once, and each is read in a turn of its own: others still hear from us meanwhile. */
async function leftOn(
  { before, intent }: Participant,
  answer: RollbackAnswer,
): Promise<Left | undefined> {
  if (answer.kind === 'failed') return { kind: 'failed', words: answer.reason }
  return inTurn(() => {
    const after = readState(answer.state)
    if (after.kind === 'unreadable') return { kind: 'unreadable', words: after.reason }
    const left = differences(before, after.value, intent.set)
    return left.length === 0 ? undefined : { kind: 'different', words: left.join('; ') }
  })
}

function outcomeOf(left: Left | undefined): HostOutcome {
  return left ? incomplete(left) : { kind: 'rolled-back' }
}

function incomplete({ kind, words }: Left, remedy = remedies[kind]): HostOutcome {
  return { kind: 'incomplete', ...(kind === 'unreadable' && { unseen: true }), left: words, remedy }
}

const remedies: Readonly<Record<Left['kind'], string>> = {
  // Its lock and its watchdog are still there.
  failed:
    'The host usually tries again for 5 minutes. Remove the cause, then run `fw-run recover`: it rolls back what is left.',
  unreadable:
    'The host has rolled back, but fw-run could not check that. Remove the cause on that host, then run `fw-run recover`: it checks the host and finishes this run.',
  different:
    'The host has rolled back, and does not try again. Correct by hand what is named above. Then run `fw-run recover`: it checks the host and finishes this run.',
}

const rebooted =
  'The host was rebooted, or another run or program changed it. To protect the hosts, run `fw-run apply` on all hosts of this run. To remove the guard, run `fw-run remove` on all of them. Each of these also finishes this run.'

/** The outcome of a host that could not be read after its rollback, or was not rolled back by us. */
export function unseen(reason: string): HostOutcome {
  return {
    kind: 'incomplete',
    unseen: true,
    left: `fw-run could not check that the host is as before: ${reason}`,
    remedy:
      'If the host is up, it rolls back by itself when its lease ends, or a little later. When you can reach the host again, run `fw-run recover`: it checks the host and finishes this run.',
  }
}
