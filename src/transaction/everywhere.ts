import type { LimitFunction } from 'p-limit'
import type { Emit, Phase } from '../events.ts'
import { attempt } from './attempt.ts'

/** How many hosts are worked on at a time, and who hears of each. */
export interface Everywhere {
  readonly atATime: LimitFunction
  readonly emit: Emit
}

/** What came of the work on one host, and what went wrong there. */
type Work<T> = readonly [result: T, fault: { readonly reason: string } | undefined]

/** A host, and what it was asked already: until it answers, others have their turn. */
interface Worked {
  readonly host: string
  readonly answer?: Promise<unknown>
}

/**
 * Does something on all hosts, as many at a time as `atATime` allows, and reports each. A host for which `work` gives nothing
 * is left out. Work that throws costs its host only: `failed` says what came of it.
 */
export async function everywhere<H extends Worked, T>(
  phase: Phase,
  hosts: readonly H[],
  { atATime, emit }: Everywhere,
  work: (host: H) => Promise<Work<T> | undefined>,
  failed: (host: H, reason: string) => Work<T>,
): Promise<Map<H, T>> {
  if (hosts.length === 0) return new Map()
  const names = hosts.map(({ host }) => host)
  emit({ kind: 'phase-started', phase, hosts: names.length, names })
  const results = await Promise.all(
    hosts.map(async (one) => {
      await one.answer
      return atATime(async () => {
        const done = await attempt(
          () => work(one),
          (reason) => failed(one, reason),
        )
        if (!done) return []
        const [result, fault] = done
        const detail = fault && { detail: fault.reason }
        emit({ kind: 'host-done', phase, host: one.host, ok: !fault, ...detail })
        return [[one, result] as const]
      })
    }),
  )
  emit({ kind: 'phase-ended', phase })
  return new Map(results.flat())
}
