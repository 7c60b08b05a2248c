import type { Arrival } from '../flow/arrival.ts'
import { areMeant } from '../inventory/interface-names.ts'
import { isCoveredBy } from '../ip/dual-ranges.ts'
import type { NftTable } from '../nft/printed-table.ts'
import { type ArrivalVerdict, verdictOnOutsider } from './arrival-verdict.ts'
import { elementsOf, outsiderChain } from './nft-table.ts'

/** Asks our table, as it stands on a host, about a packet. */
export function tableVerdict({ chains }: NftTable, arrival: Arrival): ArrivalVerdict {
  const rules = chains.filter(({ name }) => name !== outsiderChain).flatMap((chain) => chain.rules)
  const asking = rules.filter(({ words }) => !/^(type|policy) /.test(words))
  const jump = new RegExp(`^iifname .* jump ${outsiderChain}$`)
  if (!asking.every(({ words }) => jump.test(words))) return 'unsure'
  return asking.some(({ text }) => matches(text, arrival)) ? verdictOnOutsider(arrival) : 'passes'
}

function matches(rule: string, { in: device, source, destination }: Arrival): boolean {
  const names = elementsOf(rule, 'iifname').map((name) => name.replaceAll('"', ''))
  const covers = (text: string, key: string): boolean => isCoveredBy(text, elementsOf(rule, key))
  return areMeant(names, device) && covers(destination, 'daddr') && !covers(source, 'saddr !=')
}
