import type { HostState } from '../facts/state.ts'
import type { Arrival } from '../flow/arrival.ts'
import { isNamed } from '../flow/interface-name.ts'
import { familyOf } from '../ip/dual.ts'
import { isCoveredBy } from '../ip/dual-ranges.ts'
import { type ArrivalVerdict, verdictOnOutsider } from './arrival-verdict.ts'
import { guardedByChain, isOurChain } from './mangle-chain.ts'
import { admittedByChain, bypass, chainOf } from './standing-chain.ts'

/** Asks our chain, as it stands on a host, about a packet; undefined where the host has none of that family. */
export function chainVerdict(state: HostState, arrival: Arrival): ArrivalVerdict | undefined {
  const family = familyOf(arrival.destination)
  const chain = chainOf(state, family)
  if (!chain || !isOurChain(chain)) return undefined
  const { closed } = guardedByChain(chain)
  const jump = chain.jumps.find(({ rule }) =>
    rule.matches.some((match) => match.kind === 'in' && isNamed(arrival.in, match.interface)),
  )
  if (!jump || !isCoveredBy(arrival.destination, closed)) return 'passes'
  if (isCoveredBy(arrival.source, admittedByChain(state, chain))) return 'passes'
  if (bypass(state, family, jump, [arrival.destination])) return 'unsure'
  return verdictOnOutsider(arrival)
}
