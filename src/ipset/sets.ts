import { onceFor } from '../memory/once-for.ts'
import { quotedLines } from '../text/quoted-lines.ts'
import { sharedSets } from './alike-sets.ts'

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

/**
 * Reads the output of `ipset save`: sets by name, in its order. Lines that are neither set nor member are left out. What the text
 * that was read before has alike is not kept twice; so the members of a hash may come in the order of that text.
 */
export function parseSets(text: string): ReadonlyMap<string, IpSet> {
  const sets = new Map<string, IpSet & { readonly members: string[] }>()
  let last: { readonly adding: string; readonly members: string[] } | undefined
  for (const { text: line } of quotedLines(text, false)) {
    // As nearly all lines are: a host may have tens of thousands.
    if (last && line.startsWith(last.adding)) {
      const member = line.slice(last.adding.length)
      if (member !== '' && !member.includes(' ')) {
        last.members.push(member)
        continue
      }
    }
    const [verb, name, subject, ...options] = line.split(' ')
    if (!name || !subject) continue
    if (verb === 'create') {
      const members: string[] = []
      sets.set(name, { name, type: subject, options, members })
      last = { adding: `add ${name} `, members }
    }
    const member = options.includes('nomatch') ? `${subject} nomatch` : subject
    if (verb === 'add') sets.get(name)?.members.push(member)
  }
  return sharedSets(sets)
}

/** The address family of a set, `inet` if it does not say. */
export function familyOf(set: IpSet): string {
  const at = set.options.indexOf('family')
  return at < 0 ? 'inet' : (set.options[at + 1] ?? 'inet')
}

/** The type of a set, with its options but those that each kernel chooses for itself: of equal sets on many hosts they differ. */
export function typeOf({ type, options }: Pick<IpSet, 'type' | 'options'>): string {
  return [type, ...options].join(' ').replace(/ (hashsize|bucketsize|initval) \S+/g, '')
}

/** The members of a set in an order that is the same on all hosts: each kernel prints a hash in an order of its own. */
export const sortedMembers = onceFor((members: readonly string[]): readonly string[] =>
  members.toSorted(),
)

/** Whether a set has exactly these members, in any order. Found once for all hosts that have them alike, and want them alike. */
export function hasMembers(set: Pick<IpSet, 'members'>, members: readonly string[]): boolean {
  return sameAs(set.members)(members)
}

const sameAs = onceFor((members: readonly string[]) =>
  onceFor((others: readonly string[]): boolean => {
    const wanted = new Set(others)
    return members.length === wanted.size && members.every((member) => wanted.has(member))
  }),
)
