import type { Arrival } from '../flow/arrival.ts'
import { isCoveredBy } from '../ip/dual-ranges.ts'
import type { NftTable } from '../nft/printed-table.ts'
import { elementsOf, outsiderChain } from './wanted-table.ts'

/**
 * What our table or chain does with an arriving packet. `unsure`: it belongs to a connection whose beginner is not known,
 * or rules that are not ours may decide first.
 */
export type TableVerdict = 'stops' | 'passes' | 'unsure'

/** Asks our table, as it stands on a host, about a packet. */
export function tableVerdict({ chains }: NftTable, arrival: Arrival): TableVerdict {
  const rules = chains.filter(({ name }) => name !== outsiderChain).flatMap((chain) => chain.rules)
  const asking = rules.filter(({ words }) => !/^(type|policy) /.test(words))
  const jump = new RegExp(`^iifname .* jump ${outsiderChain}$`)
  if (!asking.every(({ words }) => jump.test(words))) return 'unsure'
  const asked = asking.some(({ text }) => matches(text, arrival))
  if (!asked) return 'passes'
  // Answers pass, and of an existing connection a packet may be an answer.
  return arrival.state === 'ESTABLISHED' || arrival.state === 'RELATED' ? 'unsure' : 'stops'
}

function matches(rule: string, { in: device, source, destination }: Arrival): boolean {
  const names = elementsOf(rule, 'iifname').map((name) => name.replaceAll('"', ''))
  const covers = (text: string, key: string): boolean => isCoveredBy(text, elementsOf(rule, key))
  return names.includes(device) && covers(destination, 'daddr') && !covers(source, 'saddr !=')
}
