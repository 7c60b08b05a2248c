import type { Sections } from '../agent/sections.ts'
import { type IpSet, parseSets } from '../ipset/sets.ts'
import { parseRuleset, type Ruleset } from '../iptables/ruleset.ts'
import { type Reading, readSection } from './reading.ts'

/** What a change can alter on a host. `fingerprint` is one number for FORWARD and the set, made on the host. */
export interface HostState {
  readonly ruleset: Ruleset
  readonly sets: ReadonlyMap<string, IpSet>
  readonly fingerprint: string
}

/** Reads rules and sets from an answer; unreadable if any of them is. */
export function readState(sections: Sections): Reading<HostState> {
  const rules = readSection(sections, 'rules', 'iptables-save')
  const sets = readSection(sections, 'sets', 'ipset save')
  const fingerprint = readSection(sections, 'fingerprint', 'iptables -S FORWARD')
  if (rules.kind === 'unreadable') return rules
  if (sets.kind === 'unreadable') return sets
  if (fingerprint.kind === 'unreadable') return fingerprint
  return {
    kind: 'read',
    value: {
      ruleset: parseRuleset(rules.value),
      sets: parseSets(sets.value),
      fingerprint: fingerprint.value.trim(),
    },
  }
}
