import { groupHosts } from '../host-list.ts'

/** A host, how it is reached, and something that is to be told of it. */
interface About {
  readonly host: string
  readonly address: string
}

/** Hosts of which the same is to be told, but for each one's own address. */
export function groupAlike<T extends About>(
  items: readonly T[],
  words: (item: T) => string,
): readonly (readonly T[])[] {
  const key = (item: T): string => withoutAddress(words(item), item.address)
  return [...groupHosts(items, key).values()]
}

/** Says for a group whose words differ in addresses whose words are shown; nothing where they are the same for all. */
export function forOne<T extends About>(
  group: readonly T[],
  words: (item: T) => string,
): readonly string[] {
  const [first] = group
  return first && new Set(group.map(words)).size > 1
    ? [`(That is ${first.host}; the others are alike, each at its own address.)`]
    : []
}

function withoutAddress(words: string, address: string): string {
  if (address === '') return words
  const literal = address.replace(/[^\w]/g, '\\$&')
  return words.replace(new RegExp(`(?<![\\w.-])${literal}(?![\\w-]|\\.\\w)`, 'g'), '\u0000')
}
