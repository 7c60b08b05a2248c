import { textOf } from '../facts/reading.ts'
import type { HostFault } from './outcome.ts'
import type { Owner, Participant } from './participant.ts'

/** How a host came to hold its change no more. */
export type Lapse = Pick<HostFault, 'kind' | 'reason'>

/** The leases of hosts with an open change. */
export interface Leases {
  /** A host has begun its change: from now on it hears from us. */
  begin(participant: Participant): void
  /** A host is about to be told its end. */
  end(participant: Participant): void
  /** Asks every host not heard of lately whether it still holds its change; the names of those that do not, with why. */
  lapsed(): Promise<ReadonlyMap<string, Lapse>>
  /** Aborted as soon as one host is found that no longer holds its change. */
  readonly broken: AbortSignal
  endAll(): void
}

/**
 * Renews leases of so many seconds, often enough that one lost message does no harm. A runner that was itself asleep
 * for longer finds that hosts have taken their changes back: so nothing is decided before `lapsed` was asked.
 */
export function keepLeases(owner: Owner, seconds: number): Leases {
  const heard = new Map<Participant, number>()
  const interval = (seconds * 1000) / 3
  const broken = new AbortController()

  const lapsed = new Map<string, Lapse>()

  const renew = async (participant: Participant): Promise<void> => {
    const reply = await participant.agent.request(['renew', owner.run])
    if (!heard.has(participant)) return
    if (reply.kind === 'answered' && textOf(reply.sections, 'result') === 'renewed') {
      heard.set(participant, Date.now())
      return
    }
    const silent = reply.kind !== 'lost' || reply.unheard
    const reason = reply.kind === 'lost' ? reply.reason : gaveUp
    lapsed.set(participant.host, { kind: silent ? 'unheard' : 'lost', reason })
    broken.abort()
  }
  const gaveUp = `the host took its change back: it had heard nothing for its lease of ${seconds} s`
  const timer = setInterval(() => {
    for (const participant of heard.keys()) void renew(participant)
  }, interval)

  return {
    begin(participant) {
      if (!heard.has(participant)) heard.set(participant, Date.now())
    },
    end: (participant) => void heard.delete(participant),
    async lapsed() {
      // A clock that was set back says nothing about how long we slept.
      const late = [...heard].filter(([, at]) => Math.abs(Date.now() - at) >= interval)
      await Promise.all(late.map(([participant]) => renew(participant)))
      return lapsed
    },
    broken: broken.signal,
    endAll() {
      clearInterval(timer)
      heard.clear()
    },
  }
}
