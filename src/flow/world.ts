import type { IpSet } from '../ipset/sets.ts'

/** What of a host, besides its rules, decides on a packet. */
export interface World {
  readonly sets: ReadonlyMap<string, IpSet>
  /** The IPv4 addresses of the host, loopback included or not. */
  readonly localAddresses: readonly string[]
  /** The broadcast addresses of its networks; without them nobody can tell UNICAST from BROADCAST. */
  readonly broadcastAddresses?: readonly string[]
  /** The interfaces that routes to an address lead out of; without it nobody can tell what `rpfilter` says. */
  readonly devicesTowards?: (address: string) => readonly string[]
}

/** The world without knowledge of a set that has just changed. */
export function forgetSet(world: World, name: string): World {
  return { ...world, sets: new Map([...world.sets].filter(([other]) => other !== name)) }
}

/** What is known of a world that is the one or the other: the sets that both know. */
export function eitherWorld(a: World, b: World): World {
  if (a === b) return a
  return { ...a, sets: new Map([...a.sets].filter(([name]) => b.sets.has(name))) }
}
