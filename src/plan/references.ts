import type { HostState } from '../facts/state.ts'
import { isGuard } from '../guard/forward-rule.ts'

/** What else uses a set: rules that are not ours, as printed, and sets of sets by name. A used set cannot be deleted. */
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
  return [...rules.map(({ raw }) => raw), ...sets.map(({ name }) => `set ${name}`)]
}

function namesSet(words: readonly string[], set: string): boolean {
  return words.some(
    (word, index) =>
      word === set && /^--(match-set|add-set|del-set|map-set)$/.test(words[index - 1] ?? ''),
  )
}
