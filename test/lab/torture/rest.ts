import { setTimeout as delay } from 'node:timers/promises'
import { type Arena, isLocked } from './arena.ts'
import { isAtRest, type Lens, look } from './standing.ts'

/** Watches hosts come to rest: each wholly in one state, with no process, lock or file of ours left. */
export interface RestWatch {
  /** Resolves when all hosts are at rest, or at that time of this process's clock. */
  until(time: number): Promise<void>
  /** When each host was first seen at rest; undefined for one that never was. A later session may have changed that. */
  readonly first: () => readonly (number | undefined)[]
}

/** Milliseconds between two looks. */
const pause = 150

/** Begins to watch. A host that has a lock is not at rest, so its rules are not read. */
export function watchRest(arena: Arena, lens: Lens): RestWatch {
  const first = new Map<string, number>()
  let atRest: readonly string[] = []
  let stopped = false
  const round = async (): Promise<void> => {
    const free = arena.hosts.filter(({ view }) => !isLocked(view))
    const at = performance.now()
    const now = free.length === 0 ? [] : (await look(arena, lens)).filter(isAtRest)
    atRest = now.map(({ host }) => host)
    for (const host of atRest) if (!first.has(host)) first.set(host, at)
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
      while (atRest.length < arena.hosts.length && performance.now() < time) await delay(20)
      stopped = true
      await watching
    },
    first: () => arena.hosts.map(({ view }) => first.get(view.name)),
  }
}
