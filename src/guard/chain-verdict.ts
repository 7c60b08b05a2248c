import type { HostState } from '../facts/state.ts'
import type { Arrival } from '../flow/arrival.ts'
import { familyOf } from '../ip/dual.ts'
import { isCoveredBy } from '../ip/dual-ranges.ts'
import { matchOption } from '../iptables/rule.ts'
import { bypass, chainOf } from './standing-chain.ts'
import type { TableVerdict } from './table-verdict.ts'
import { guardedByChain, isOurChain } from './wanted-chain.ts'

/** Asks our chain, as it stands on a host, about a packet; undefined where the host has none of that family. */
export function chainVerdict(state: HostState, arrival: Arrival): TableVerdict | undefined {
  const family = familyOf(arrival.destination)
  const chain = chainOf(state, family)
  if (!chain || !isOurChain(chain)) return undefined
  const { closed } = guardedByChain(chain)
  const jump = chain.jumps.find(({ rule }) =>
    rule.matches.some((match) => match.kind === 'in' && match.interface === arrival.in),
  )
  if (!jump || !isCoveredBy(arrival.destination, closed)) return 'passes'
  if (isCoveredBy(arrival.source, sourcesOf(state, chain.rules))) return 'passes'
  if (bypass(state, family, jump, [arrival.destination])) return 'unsure'
  return arrival.state === 'ESTABLISHED' || arrival.state === 'RELATED' ? 'unsure' : 'stops'
}

/** The sources that the rules of our chain let return: members, and networks of bare pods. */
function sourcesOf(
  { sets }: HostState,
  rules: Parameters<typeof isOurChain>[0]['rules'],
): readonly string[] {
  return rules
    .filter(({ target }) => target?.name === 'RETURN')
    .flatMap((rule) => [
      ...(sets.get(matchOption(rule, 'set', 'match-set')?.values[0] ?? '')?.members ?? []),
      ...rule.matches.flatMap((match) => (match.kind === 'source' ? [match.cidr] : [])),
    ])
}
