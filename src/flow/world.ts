import type { IpSet } from '../ipset/sets.ts'

/** What decides on packets of a host besides its rules. */
export interface World {
  readonly sets: ReadonlyMap<string, IpSet>
  /** The IPv4 addresses of the host, with or without loopback. */
  readonly localAddresses: readonly string[]
  /** The broadcast addresses of its networks. If they are not given, a match for broadcasts is in doubt. */
  readonly broadcastAddresses?: readonly string[]
  /** The interfaces by which packets to an address leave. If it is not given, `rpfilter` is in doubt. */
  readonly devicesTowards?: (address: string) => readonly string[]
  /** How many steps all walks on this host may still take together. Each walk lowers it. */
  readonly steps?: { left: number }
}

/** The world without a set that a rule has changed. */
export function forgetSet(world: World, name: string): World {
  if (!world.sets.has(name)) return world
  const sets = new Map(world.sets)
  sets.delete(name)
  return { ...world, sets }
}

/** What is known if the host is in one of two states: the sets that are known in both. */
export function eitherWorld(a: World, b: World): World {
  if (a === b) return a
  const sets = new Map([...a.sets].filter(([name]) => b.sets.has(name)))
  return sets.size === a.sets.size ? a : { ...a, sets }
}
