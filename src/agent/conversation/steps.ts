import type { Step, StepChain, StepRule } from '../agent.ts'

/** The body of an `apply` request: each step of the change and of its undo, in the words of set-and-rules.sh and put-*.sh. */
export function applyBody(changes: readonly Step[], undo: readonly Step[]): readonly string[] {
  const marked = (word: string, steps: readonly Step[]): readonly string[] =>
    steps.flatMap(linesOf).map((words) => line(word, ...words))
  return [...marked('do', changes), ...marked('undo', undo.map(withoutTexts))]
}

/** To undo a change of boot files is to forget the new ones: the old ones stand until commit. */
function withoutTexts(step: Step): Step {
  return step.kind === 'boot' ? { kind: 'boot', after: undefined } : step
}

function linesOf(step: Step): readonly (readonly string[])[] {
  switch (step.kind) {
    case 'set':
      return [[setVerb(step), step.name, ...setWords(step.after)]]
    case 'rules':
      return [...rulesLines(step.before, step.after), ['rules']]
    case 'table':
      return [['table', ...tableWords(step.after)]]
    case 'chain':
      return chainLines(step)
    case 'boot':
      return bootLines(step)
  }
}

/** Each family has a place of its own for the old set. */
function setVerb({ before, after }: Extract<Step, { kind: 'set' }>): string {
  return /\bfamily inet6\b/.test((after ?? before)?.type ?? '') ? 'set6' : 'set'
}

/** Nothing leads to a chain before it is whole, nor to one that goes. */
function chainLines({
  family,
  before,
  after,
}: Extract<Step, { kind: 'chain' }>): readonly (readonly string[])[] {
  const jumps = [
    ...rulesLines(before?.jumps ?? [], after?.jumps ?? []),
    ['rules', `mangle${family}`],
  ]
  return after
    ? [...fillingLines(after), ['chain', `${family}`, 'present'], ...jumps]
    : [...jumps, ['chain', `${family}`, 'absent']]
}

function bootLines({ after }: Extract<Step, { kind: 'boot' }>): readonly (readonly string[])[] {
  const { program, service } = after ?? {}
  if (program === undefined || service === undefined) return [['boot', 'absent']]
  return [
    ['boot-program', ...program.split('\n')],
    ['boot-service', ...service.split('\n')],
    ['boot', 'present'],
  ]
}

function fillingLines({ rules }: StepChain): readonly (readonly string[])[] {
  return rules.map(({ raw, words }) => ['filling', raw, ...words])
}

function setWords(state: Extract<Step, { kind: 'set' }>['after']): readonly string[] {
  if (!state) return ['absent']
  const members = state.members.join(' ')
  return ['present', state.type, ...(members ? [members] : [])]
}

/** A table as lines, each one word. */
function tableWords(text: string | undefined): readonly string[] {
  if (text === undefined) return ['absent']
  const lines = text.split('\n').map((line) => line.trim())
  return ['present', ...lines.filter(Boolean)]
}

/**
 * All rules that count as ours on either side, then those wanted, the last one first, so that each is inserted before its
 * successor. The position of a wanted rule is given twice: its number, and how many rules of others come before it.
 */
function rulesLines(
  before: readonly StepRule[],
  after: readonly StepRule[],
): readonly (readonly string[])[] {
  const ours = new Map([...before, ...after].map(({ rule }) => [rule.raw, rule]))
  const wanted = after.map(({ position, rule }, index) => [
    ...['want', `${position}`, `${position - index - 1}`, rule.raw],
    ...rule.words,
  ])
  return [
    ...[...ours.values()].map(({ raw, words }) => ['ours', raw, ...words]),
    ...wanted.reverse(),
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
