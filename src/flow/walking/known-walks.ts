import type { PossibleVerdict } from '../verdict.ts'
import type { World } from '../world.ts'
import type { PacketState } from './packet-state.ts'

/** A walk through a called chain that was done before: the state behind the chain, and where its verdicts stand in the list. */
export interface WalkBefore {
  readonly behind: PacketState | undefined
  readonly from: number
  readonly to: number
}

/**
 * The same for each chain that treats a packet in the same way. Of a packet, a walk changes only its marks and its tracking.
 */
export function keyOf(chain: string, { packet, world }: PacketState): string {
  const { mark, connmark, state, direction, snat, dnat } = packet
  const marks = `${mark.value} ${mark.known} ${connmark.value} ${connmark.known}`
  return `${chain} ${marks} ${state} ${direction} ${snat} ${dnat} ${numberOf(world)}`
}

/** Does a walk again without asking any rule: each verdict that it gave is given again, once. */
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

/** A number for each world. Equal worlds may have several: then a chain is walked once more than needed. */
function numberOf(world: World): number {
  const number = numbers.get(world) ?? ++last
  numbers.set(world, number)
  return number
}
