import type { HostState } from '../facts/state.ts'
import { findGuards, isGuard } from '../guard/forward-rule.ts'
import { isOurChain, setsAskedBy } from '../guard/mangle-chain.ts'
import { chainOf } from '../guard/standing-chain.ts'
import { families } from '../ip/dual.ts'

/**
 * What else uses a set: rules that are not ours, as printed, sets of sets by name, and how many more the kernel counts. A used
 * set cannot be deleted.
 */
export function otherUsers(state: HostState, set: string): readonly string[] {
  const rules = [...state.ruleset.tables.values()].flatMap((chains) =>
    [...chains.values()]
      .filter(({ lines }) => lines.some((line) => line.includes(set)))
      .flatMap((chain) =>
        chain.rules.filter(
          (rule) => namesSet(rule.words, set) && !(chain.name === 'FORWARD' && isGuard(rule, set)),
        ),
      ),
  )
  const sets = [...state.sets.values()].filter(
    ({ type, members }) => type === 'list:set' && members.includes(set),
  )
  const named = [...rules.map(({ raw }) => raw), ...sets.map(({ name }) => `set ${name}`)]
  const hidden = (state.setUsers?.get(set) ?? 0) - named.length - ownUsers(state, set)
  if (hidden <= 0) return named
  const more = named.length > 0 ? 'more ' : ''
  const users = `${hidden} ${more}${hidden === 1 ? 'rule or set' : 'rules or sets'} that fw-run cannot see`
  return [
    ...named,
    `${users}; on that host, look for the name ${set} in the output of iptables-legacy-save, iptables-nft-save, ip6tables-legacy-save and ip6tables-nft-save`,
  ]
}

/** How many rules of our guards use a set. */
function ownUsers(state: HostState, set: string): number {
  const asked = families.flatMap((family) => {
    const chain = chainOf(state, family)
    return chain && isOurChain(chain) ? setsAskedBy(chain) : []
  })
  return findGuards(state.ruleset, set).length + asked.filter((name) => name === set).length
}

function namesSet(words: readonly string[], set: string): boolean {
  return words.some(
    (word, index) =>
      word === set && /^--(match-set|add-set|del-set|map-set)$/.test(words[index - 1] ?? ''),
  )
}
