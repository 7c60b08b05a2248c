import { createHash } from 'node:crypto'
import type { HostState } from '../../../facts/state.ts'
import type { Intent } from '../../../guard/intent.ts'
import { chainOf } from '../../../guard/standing-chain.ts'
import { families } from '../../../ip/dual.ts'
import { sortedMembers } from '../../../ipset/sets.ts'
import { rulesOf } from '../../../iptables/ruleset.ts'

/** The parts of a state that a change depends on, by the names that a person knows. They are those of the agent's fingerprint. */
export function stateHashes(state: HostState, intent: Intent): Readonly<Record<string, string>> {
  const forward = rulesOf(state.ruleset, 'filter', 'FORWARD').map(({ raw }) => raw)
  const early = intent.kind === 'nft' || intent.kind === 'mangle'
  const naming = (rule: string): boolean => rule.includes(` --match-set ${intent.set} `)
  const set = state.sets.get(intent.set)
  const chains = families.map((family) => {
    const chain = chainOf(state, family)
    return [chain?.rules.map(({ raw }) => raw), chain?.jumps.map(({ rule }) => rule.raw)]
  })
  return {
    FORWARD: hash(early ? forward.filter(naming) : forward),
    [`set ${intent.set}`]: hash(set ? sortedMembers(set.members) : null),
    'table inet fw_run': hash(
      state.table?.text.replace(/\bpackets \d+ bytes \d+/g, '').replace(/\s+/g, ' ') ?? null,
    ),
    'chain FW-RUN': hash(chains),
    'boot files': hash(state.boot ?? null),
  }
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32)
}
