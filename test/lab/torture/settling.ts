import { setTimeout as delay } from 'node:timers/promises'
import { type Arena, isLocked } from './arena.ts'
import { isSettled, type Lens, look } from './standing.ts'

/** Watches hosts settle. */
export interface Settling {
  /** Resolves when all hosts are settled, or at that time of this process's clock. */
  until(time: number): Promise<void>
  /** When each host was first seen settled; undefined for one that never was. A later session may be there again. */
  readonly first: () => readonly (number | undefined)[]
}

/** How often is looked, in milliseconds. */
const pause = 150

/** Begins to watch. A host that has a lock is not settled, so its rules are not read. */
export function watchSettling(arena: Arena, lens: Lens): Settling {
  const first = new Map<string, number>()
  let settled: readonly string[] = []
  let stopped = false
  const round = async (): Promise<void> => {
    const free = arena.hosts.filter(({ view }) => !isLocked(view))
    const at = performance.now()
    const now = free.length === 0 ? [] : (await look(arena, lens)).filter(isSettled)
    settled = now.map(({ host }) => host)
    for (const host of settled) if (!first.has(host)) first.set(host, at)
  }
  const watching = (async () => {
    while (!stopped) {
      await round()
      await delay(pause)
    }
  })()
  return {
    async until(time) {
      await round()
      while (settled.length < arena.hosts.length && performance.now() < time) await delay(20)
      stopped = true
      await watching
    },
    first: () => arena.hosts.map(({ view }) => first.get(view.name)),
  }
}
