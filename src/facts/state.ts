import type { Sections } from '../agent/sections.ts'
import { setFault } from '../ipset/set-fault.ts'
import { type IpSet, parseSets } from '../ipset/sets.ts'
import { parseRuleset, type Ruleset } from '../iptables/ruleset.ts'
import { notUnderstood, type Reading, readSection } from './reading.ts'

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
  const ruleset = parseRuleset(rules.value)
  const [fault] = ruleset.faults
  if (fault !== undefined) return notUnderstood('iptables-save', fault)
  const setsFault = setFault(sets.value)
  if (setsFault !== undefined) return notUnderstood('ipset save', setsFault)
  return {
    kind: 'read',
    value: { ruleset, sets: parseSets(sets.value), fingerprint: fingerprint.value.trim() },
  }
}
