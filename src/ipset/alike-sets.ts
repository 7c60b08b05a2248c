import { onceFor } from '../memory/once-for.ts'
import { ownText } from '../memory/own-text.ts'
import type { IpSet } from './sets.ts'

type Sets = ReadonlyMap<string, IpSet>

/*
 * The nodes of a cluster have most of their sets alike: with N nodes, each host prints the N members of ours. Each host is compared with the
 * one that was read before it, and what is alike is kept once. Nobody changes a set, so nobody can tell.
 */
let last: Sets = new Map()

/** The sets with what the host before had alike in place of equal ones. What is not alike does not keep the text of the whole answer. */
export function sharedSets(sets: Sets): Sets {
  const before = last
  const shared = [...sets.values()].map((set) => sharedSet(set, before.get(set.name)))
  last = new Map(shared.map((set) => [set.name, set]))
  return last
}

function sharedSet(set: IpSet, before: IpSet | undefined): IpSet {
  if (!before || before.type !== set.type) return copyOf(set)
  const members = sameMembers(set, before) ? before.members : copied(set.members)
  const sameOptions = before.options.join(' ') === set.options.join(' ')
  if (members === before.members && sameOptions) return before
  const options = sameOptions ? before.options : copied(set.options)
  return { name: before.name, type: before.type, options, members }
}

/** Each kernel prints the members of a hash in an order of its own, which means nothing. Of a few, it is kept nevertheless. */
function sameMembers({ type, members }: IpSet, { members: others }: IpSet): boolean {
  if (members.length !== others.length) return false
  if (members.every((member, i) => member === others[i])) return true
  if (!type.startsWith('hash:') || members.length < many) return false
  if (asSet(others).size < others.length) return false
  const own = new Set(members)
  return own.size === members.length && others.every((member) => own.has(member))
}

const many = 50

const asSet = onceFor((members: readonly string[]): ReadonlySet<string> => new Set(members))

function copyOf({ name, type, options, members }: IpSet): IpSet {
  const [own = '', ownType = ''] = copied([name, type])
  return { name: own, type: ownType, options: copied(options), members: copied(members) }
}

/** Words in a text of their own. None has the character NUL, which no answer keeps. */
function copied(words: readonly string[]): readonly string[] {
  return words.length === 0 ? [] : ownText(words.join('\0')).split('\0')
}
