import type { Sections } from '../../agent/sections.ts'
import { parseRuleset, parseRulesetInPieces, type Ruleset } from '../../iptables/ruleset.ts'
import type { InPieces } from '../../waiting/pieces.ts'
import { notUnderstood, type Reading, readSection } from '../reading.ts'
import { hiddenTable, hiddenTables } from './hidden-tables.ts'

/** Reads the rules in the backend that `iptables` does not speak to; empty where the host has no such backend. */
export function* readOtherRuleset(sections: Sections): InPieces<Reading<Ruleset>> {
  const rules = readSection(sections, 'other-rules', command)
  if (rules.kind === 'unreadable') {
    const text = sections.get('other-rules')?.text ?? ''
    return lacksNfTables(text) ? { kind: 'read', value: parseRuleset('') } : rules
  }
  const [hidden] = hiddenTables(rules.value)
  if (hidden !== undefined) return hiddenTable(command, hidden, 4, 'iptables-legacy')
  const ruleset = yield* parseRulesetInPieces(rules.value, 'other')
  const { fault } = ruleset
  return fault === undefined ? { kind: 'read', value: ruleset } : notUnderstood(command, fault)
}

const command = 'iptables-nft-save'

/** What iptables says where the kernel has no nf_tables, and so no rule there (iptables/nft.c, nft_init and mnl_genid_get). */
function lacksNfTables(text: string): boolean {
  return /Failed to initialize nft: Protocol not supported|rule set generation id: Invalid argument/.test(
    text,
  )
}
