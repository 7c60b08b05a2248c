import type { PlacedRule } from '../guard/guard.ts'
import type { Change, SetState } from '../plan/change.ts'
import { undoOf } from '../plan/change.ts'

/** The body of an `apply` request: each change as steps to do, and the steps that take them back (firewall.sh). */
export function applyBody(changes: readonly Change[]): readonly string[] {
  const marked = (word: string, some: readonly Change[]): readonly string[] =>
    some.flatMap(steps).map((step) => line(word, ...step))
  return [...marked('do', changes), ...marked('undo', undoOf(changes))]
}

function steps(change: Change): readonly (readonly string[])[] {
  switch (change.kind) {
    case 'set':
      return [['set', change.name, ...setWords(change.after)]]
    case 'rules':
      return rulesSteps(change.before, change.after)
  }
}

function setWords(state: SetState | undefined): readonly string[] {
  if (!state) return ['absent']
  const members = state.members.join(' ')
  return ['present', state.type, ...(members ? [members] : [])]
}

/**
 * All rules that count as ours on either side, then those wanted, last first, so that each is inserted before the one
 * that follows it. A wanted rule's place is told twice: its number, and how many rules of others come before it.
 */
function rulesSteps(
  before: readonly PlacedRule[],
  after: readonly PlacedRule[],
): readonly (readonly string[])[] {
  const ours = new Map([...before, ...after].map(({ rule }) => [rule.raw, rule]))
  const wanted = after.map(({ position, rule }, index) => [
    ...['want', `${position}`, `${position - index - 1}`, rule.raw],
    ...rule.words,
  ])
  return [
    ...[...ours.values()].map(({ raw, words }) => ['ours', raw, ...words]),
    ...wanted.reverse(),
    ['rules'],
  ]
}

/** Tabs and newlines would change how the agent reads a line; no value that passed validation has any. */
function line(...words: readonly string[]): string {
  const odd = words.find((word) => /[\t\n]/.test(word) || word === '')
  if (odd !== undefined)
    throw new TypeError(
      `a word of a step is empty or holds a tab or newline: ${JSON.stringify(odd)}`,
    )
  return words.join('\t')
}
