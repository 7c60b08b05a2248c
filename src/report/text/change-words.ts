import type { Change } from '../../plan/change.ts'
import { countMembers } from '../host-list.ts'
import type { Paint } from '../paint.ts'

/** A change in the words of an administrator, one line for each thing that happens. */
export function describeChange(change: Change): readonly string[] {
  return change.kind === 'set' ? describeSet(change) : describeRules(change)
}

/** A change as lines of a diff in the words of the tools: `-` before what goes, `+` before what comes. */
export function diffChange(change: Change, paint: Paint): readonly string[] {
  const goes = (words: string): string => paint('red', `- ${words}`)
  const comes = (words: string): string => paint('green', `+ ${words}`)
  if (change.kind === 'rules') {
    return [
      ...change.before.map(({ position, rule }) => goes(`${position}: ${rule.raw}`)),
      ...change.after.map(({ position, rule }) => comes(`${position}: ${rule.raw}`)),
    ]
  }
  const { name, before, after } = change
  return [
    ...(before && !after ? [goes(`create ${name} ${lastingType(before.type)}`)] : []),
    ...(after && !before ? [comes(`create ${name} ${lastingType(after.type)}`)] : []),
    ...missing(before?.members, after?.members).map((member) => goes(`add ${name} ${member}`)),
    ...missing(after?.members, before?.members).map((member) => comes(`add ${name} ${member}`)),
  ]
}

function describeSet({ name, before, after }: Extract<Change, { kind: 'set' }>): readonly string[] {
  if (!before) return [`create set ${name} with ${countMembers(after?.members.length ?? 0)}`]
  if (!after) return [`destroy set ${name} with ${countMembers(before.members.length)}`]
  const gone = missing(before.members, after.members)
  const come = missing(after.members, before.members)
  return [
    ...(come.length > 0 ? [`add to set ${name}: ${come.join(', ')}`] : []),
    ...(gone.length > 0 ? [`remove from set ${name}: ${gone.join(', ')}`] : []),
  ]
}

function describeRules({ before, after }: Extract<Change, { kind: 'rules' }>): readonly string[] {
  const come = [...after]
  const lines = before.flatMap(({ position, rule }) => {
    const at = come.findIndex((one) => one.rule.raw === rule.raw)
    const [stays] = at < 0 ? [] : come.splice(at, 1)
    if (!stays) return [`delete rule ${position} of FORWARD: ${conditions(rule.raw)}`]
    if (stays.position === position) return []
    return [`move the rule from ${position} to ${stays.position} of FORWARD`]
  })
  return [
    ...lines,
    ...come.map(
      ({ position, rule }) => `insert rule ${position} of FORWARD: ${conditions(rule.raw)}`,
    ),
  ]
}

function conditions(raw: string): string {
  return raw.replace(/^-A FORWARD /, '')
}

/** The type of a set without what each kernel chooses for itself: equal sets of many hosts differ in it. */
function lastingType(type: string): string {
  return type.replace(/ (hashsize|bucketsize|initval) \S+/g, '')
}

const byNumber = new Intl.Collator('en', { numeric: true })

function missing(from: readonly string[] = [], to: readonly string[] = []): readonly string[] {
  const there = new Set(to)
  return from.filter((member) => !there.has(member)).sort(byNumber.compare)
}
