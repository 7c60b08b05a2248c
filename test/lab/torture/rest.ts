import { setTimeout as delay } from 'node:timers/promises'
import type { Arena } from './arena.ts'
import { type Lens, lookForRest } from './standing.ts'

/** Watches hosts come to rest: each wholly in one state, with no process, lock or file of ours left. */
export interface RestWatch {
  /** Resolves when all hosts are at rest, or at that time of this process's clock. */
  until(time: number): Promise<void>
  /** When each host was first seen at rest; undefined for one that never was. A later session may have changed that. */
  readonly first: () => readonly (number | undefined)[]
}

/** Milliseconds between two looks. */
const pause = 150

/** Begins to watch. */
export function watchRest(arena: Arena, lens: Lens): RestWatch {
  const first = new Map<string, number>()
  let atRest: readonly string[] = []
  let stopped = false
  const round = async (): Promise<void> => {
    const at = performance.now()
    const now = await lookForRest(arena, lens)
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
