import pLimit from 'p-limit'
import type { Lost, Owner, RenewAnswer } from '../agent/agent.ts'
import { beginInTurns, inTurns } from '../waiting/event-loop-turn.ts'
import { attempt } from './attempt.ts'
import type { Participant } from './participant.ts'
import { type Flaw, verify } from './verify.ts'

/** The leases of hosts with an open change. */
export interface Leases {
  /** A host has begun its change: from now on its lease is renewed. */
  begin(participant: Participant): void
  /** A host is about to be told to commit or to roll back. */
  end(participant: Participant): void
  /** Reads every host again that was not seen to hold its change for a while. Gives `known`. */
  lapsed(): Promise<ReadonlyMap<string, Flaw>>
  /** The hosts that no longer hold their change, or on which it is no longer as planned, as far as that was found; each with the reason. */
  readonly known: ReadonlyMap<string, Flaw>
  /** Aborted as soon as one host is found that does not hold its change any more. */
  readonly broken: AbortSignal
  endAll(): void
}

/**
 * Renews leases of so many seconds, often enough that one lost message does no harm. If the runner itself was asleep
 * for longer, hosts have rolled back; and somebody may have removed a change by hand. So `lapsed` is asked before each
 * wave, before a question, and before the decision; it reads some hosts at a time.
 */
export function keepLeases(owner: Owner, seconds: number, readAtATime: number): Leases {
  /** When each of them made its change, or was last read to see that it holds it. */
  const held = new Map<Participant, Moment>()
  const interval = (seconds * 1000) / 5
  const broken = new AbortController()
  const lapsed = new Map<string, Flaw>()

  const renew = async (participant: Participant, set?: string): Promise<void> => {
    const flaw = await attempt(
      async () => {
        const answer = await participant.agent.renew(owner.run, set)
        // It was told to commit or to roll back meanwhile.
        if (!held.has(participant)) return undefined
        return flawOf(participant, answer, seconds, set !== undefined)
      },
      (reason): Flaw | undefined => ({ kind: 'failed', reason }),
    )
    if (!flaw || !held.has(participant)) return
    lapsed.set(participant.host, flaw)
    broken.abort()
  }
  const timer = setInterval(() => {
    void beginInTurns([...held.keys()], async (participant) => {
      if (held.has(participant)) await renew(participant)
    })
  }, interval)

  return {
    begin(participant) {
      if (!held.has(participant)) held.set(participant, momentNow())
    },
    end: (participant) => void held.delete(participant),
    async lapsed() {
      const now = momentNow()
      // If the clock was set back, nobody knows how long it was, so the host is read.
      const late = [...held].filter(
        ([, at]) => Math.abs(now.clock - at.clock) >= interval || now.awake - at.awake >= interval,
      )
      // In the limit of the run, hosts that are silent would keep the others from their rollback.
      await pLimit(readAtATime).map(late, async ([participant]) => {
        if (!held.has(participant) || broken.signal.aborted) return
        await renew(participant, participant.intent.set)
        // With many waves, each host would else be read for each of them.
        if (held.has(participant) && !lapsed.has(participant.host)) held.set(participant, now)
      })
      return lapsed
    },
    known: lapsed,
    broken: broken.signal,
    endAll() {
      clearInterval(timer)
      held.clear()
    },
  }
}

/** `clock` can be set; `awake` does not count the time in which this machine is suspended. Both in milliseconds. */
interface Moment {
  readonly clock: number
  readonly awake: number
}

function momentNow(): Moment {
  return { clock: Date.now(), awake: performance.now() }
}

async function flawOf(
  participant: Participant,
  answer: RenewAnswer | Lost,
  seconds: number,
  wasRead: boolean,
): Promise<Flaw | undefined> {
  switch (answer.kind) {
    case 'lost':
      return { kind: answer.unheard ? 'unheard' : 'lost', reason: answer.reason }
    case 'unwatched':
      return { kind: 'failed', reason: answer.reason }
    case 'rolling-back':
      return {
        kind: 'unheard',
        reason: `the host rolled its change back: it heard nothing from fw-run for ${seconds} s (its lease)`,
      }
    case 'gone':
      return {
        kind: 'unheard',
        reason:
          'the host knows nothing of the change: it rolled back, or was rebooted, or somebody deleted its files',
      }
    case 'renewed':
      return wasRead ? inTurns(() => verify(participant, answer.state)) : undefined
  }
}
