import { quotedLines } from '../text/quoted-lines.ts'

/**
 * A set as `ipset save` prints it. `options` are the words behind the type: `family inet hashsize 1024 …`. A member that is
 * an exception of a network keeps that word: `10.0.0.0/8 nomatch`.
 */
export interface IpSet {
  readonly name: string
  readonly type: string
  readonly options: readonly string[]
  readonly members: readonly string[]
}

/** Reads the output of `ipset save`: sets by name, in its order. Lines that are neither set nor member are left out. */
export function parseSets(text: string): ReadonlyMap<string, IpSet> {
  const sets = new Map<string, IpSet & { members: string[] }>()
  for (const { text: line } of quotedLines(text, false)) {
    const [verb, name, subject, ...options] = line.split(' ')
    if (!name || !subject) continue
    if (verb === 'create') sets.set(name, { name, type: subject, options, members: [] })
    const member = options.includes('nomatch') ? `${subject} nomatch` : subject
    if (verb === 'add') sets.get(name)?.members.push(member)
  }
  return sets
}

/** The address family of a set, `inet` if it does not say. */
export function familyOf(set: IpSet): string {
  const at = set.options.indexOf('family')
  return at < 0 ? 'inet' : (set.options[at + 1] ?? 'inet')
}

/** Whether a set has exactly these members, in any order. */
export function hasMembers(set: IpSet, members: readonly string[]): boolean {
  const wanted = new Set(members)
  return set.members.length === wanted.size && set.members.every((member) => wanted.has(member))
}
