import type { PossibleVerdict } from '../verdict.ts'
import type { World } from '../world.ts'
import type { PacketState } from './packet-state.ts'

/** A walk through a called chain: the state behind the chain, and the part of the list of verdicts that it gave. */
export interface WalkBefore {
  readonly behind: PacketState | undefined
  readonly from: number
  readonly to: number
}

/**
 * Equal if the chain must treat a packet in the same way again. In one walk only the marks and the tracking of a packet
 * change.
 */
export function keyOf(chain: string, { packet, world }: PacketState): string {
  const { mark, connmark, state, direction, snat, dnat } = packet
  const marks = `${mark.value} ${mark.known} ${connmark.value} ${connmark.known}`
  return `${chain} ${marks} ${state} ${direction} ${snat} ${dnat} ${numberOf(world)}`
}

/** Takes a walk as done again: gives each different verdict of it again, and returns the state behind the chain. */
export function walkAgain(
  walk: {
    readonly verdicts: PossibleVerdict[]
    readonly matched: readonly unknown[]
    left: number
  },
  { behind, from, to }: WalkBefore,
): PacketState | undefined {
  walk.left -= to - from
  const given = new Map<string, PossibleVerdict>()
  for (const one of walk.verdicts.slice(from, to)) {
    const verdict = JSON.stringify(one.verdict)
    if (!given.has(verdict)) given.set(verdict, one)
  }
  const matched = walk.matched.length
  for (const one of given.values()) walk.verdicts.push({ ...one, matched })
  return behind
}

const numbers = new WeakMap<World, number>()
let last = 0

/** A number for each world. Two equal worlds may have two numbers: then a chain is walked twice, which does no harm. */
function numberOf(world: World): number {
  const number = numbers.get(world) ?? ++last
  numbers.set(world, number)
  return number
}
