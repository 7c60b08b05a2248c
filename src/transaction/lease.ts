import { textOf } from '../facts/reading.ts'
import { inTurn } from '../turns.ts'
import type { Owner, Participant } from './participant.ts'
import { type Flaw, verify } from './verify.ts'

/** The leases of hosts with an open change. */
export interface Leases {
  /** A host has begun its change: from now on it hears from us. */
  begin(participant: Participant): void
  /** A host is about to be told its end. */
  end(participant: Participant): void
  /**
   * Reads every host again that was not read lately: the names of those that no longer hold their change, or on which it
   * is no longer as planned, with why.
   */
  lapsed(): Promise<ReadonlyMap<string, Flaw>>
  /** Aborted as soon as one host is found that no longer holds its change. */
  readonly broken: AbortSignal
  endAll(): void
}

/**
 * Renews leases of so many seconds, often enough that one lost message does no harm. A runner that was itself asleep
 * for longer finds that hosts have taken their changes back, and somebody may have undone one by hand: so nothing is
 * decided before `lapsed` was asked.
 */
export function keepLeases(owner: Owner, seconds: number): Leases {
  /** When each was last read. */
  const held = new Map<Participant, number>()
  const interval = (seconds * 1000) / 3
  const broken = new AbortController()
  const lapsed = new Map<string, Flaw>()

  const lapse = ({ host }: Participant, flaw: Flaw): void => {
    lapsed.set(host, flaw)
    broken.abort()
  }
  const gaveUp = `the host took its change back: it had heard nothing for its lease of ${seconds} s`

  /** With a set, the host is read back as well. */
  const renew = async (participant: Participant, ...set: readonly string[]): Promise<void> => {
    const reply = await participant.agent.request(['renew', owner.run, ...set])
    if (!held.has(participant)) return
    if (reply.kind === 'lost') {
      lapse(participant, { kind: reply.unheard ? 'unheard' : 'lost', reason: reply.reason })
    } else if (textOf(reply.sections, 'result') !== 'renewed') {
      lapse(participant, { kind: 'unheard', reason: gaveUp })
    } else if (set.length > 0) {
      const flaw = await inTurn(() => verify(participant, reply.sections))
      if (flaw) lapse(participant, flaw)
    }
  }
  const timer = setInterval(() => {
    for (const participant of held.keys()) void renew(participant)
  }, interval)

  return {
    begin(participant) {
      if (!held.has(participant)) held.set(participant, Date.now())
    },
    end: (participant) => void held.delete(participant),
    async lapsed() {
      // A clock that was set back says nothing about how long we slept.
      const late = [...held].filter(([, at]) => Math.abs(Date.now() - at) >= interval)
      await Promise.all(late.map(([participant]) => renew(participant, participant.intent.set)))
      return lapsed
    },
    broken: broken.signal,
    endAll() {
      clearInterval(timer)
      held.clear()
    },
  }
}
