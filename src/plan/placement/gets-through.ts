import { walk } from '../../flow/walk.ts'
import type { Flow } from './flow.ts'
import type { Terrain } from './terrain.ts'

/** Whether FORWARD, without rules of ours, may let a flow through now. */
export function getsThrough({ ruleset }: Terrain, { packet, world }: Flow): boolean {
  return walk(ruleset, 'filter', 'FORWARD', packet, world).outcomes.some(
    ({ verdict: { kind } }) => kind === 'accept' || kind === 'unknown',
  )
}
