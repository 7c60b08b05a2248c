import type { HostState } from '../facts/state.ts'
import type { Family } from '../ip/dual.ts'
import { guardedByChain, isOurChain } from './mangle-chain.ts'
import { guardedBy, isOurs, sourcesOf } from './nft-table.ts'
import { admittedByChain, chainOf } from './standing-chain.ts'

/** What a guard before routing does on a host now: networks, addresses and ranges, as the tools print them. */
interface StandingGuard {
  readonly interfaces: readonly string[]
  readonly closed: readonly string[]
  /** Who may ask for what is closed. */
  readonly sources: () => readonly string[]
}

/** Our guards before routing that stand on a host for a family: two where one of them is to take the place of the other. */
export function standingGuards(state: HostState, family: Family): readonly StandingGuard[] {
  const { table } = state
  const chain = chainOf(state, family)
  return [
    ...(table && isOurs(table)
      ? [{ ...guardedBy(table.text), sources: () => sourcesOf(table.text) }]
      : []),
    ...(chain && isOurChain(chain)
      ? [{ ...guardedByChain(chain), sources: () => admittedByChain(state, chain) }]
      : []),
  ]
}
