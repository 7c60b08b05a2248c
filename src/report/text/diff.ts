import type { Change } from '../../plan/change.ts'
import type { Paint } from '../paint.ts'
import { missing } from './change-words.ts'

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

/** The type of a set without what each kernel chooses for itself: equal sets of many hosts differ in it. */
function lastingType(type: string): string {
  return type.replace(/ (hashsize|bucketsize|initval) \S+/g, '')
}
