import { walk } from '../flow/walk.ts'
import type { Flow } from './flow.ts'
import type { HostModel } from './host-model.ts'

/** Whether FORWARD, without rules of ours, may let a flow through now. */
export function getsThrough({ ruleset }: HostModel, { packet, world }: Flow): boolean {
  return walk(ruleset, 'filter', 'FORWARD', packet, world).outcomes.some(
    ({ verdict: { kind } }) => kind === 'accept' || kind === 'unknown',
  )
}
