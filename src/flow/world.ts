import type { IpSet } from '../ipset/sets.ts'

/** What of a host, besides its rules, decides on a packet. */
export interface World {
  readonly sets: ReadonlyMap<string, IpSet>
  /** The IPv4 addresses of the host, with or without loopback. */
  readonly localAddresses: readonly string[]
  /** The broadcast addresses of its networks. Without them a broadcast is not told from another address. */
  readonly broadcastAddresses?: readonly string[]
  /** The interfaces by which routes to an address leave. Without it `rpfilter` is in doubt. */
  readonly devicesTowards?: (address: string) => readonly string[]
  /** How many steps all walks on this host may take together; each takes its own from it. */
  readonly steps?: { left: number }
}

/** The world without a set that a rule has changed. */
export function forgetSet(world: World, name: string): World {
  if (!world.sets.has(name)) return world
  const sets = new Map(world.sets)
  sets.delete(name)
  return { ...world, sets }
}

/** What is known if either of two worlds may be the real one: the sets that both know. */
export function eitherWorld(a: World, b: World): World {
  if (a === b) return a
  const sets = new Map([...a.sets].filter(([name]) => b.sets.has(name)))
  return sets.size === a.sets.size ? a : { ...a, sets }
}
