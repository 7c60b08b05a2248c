import { groupHosts } from '../../text/host-list.ts'

/** Something about a host: its name, and the address that it is reached at. */
interface About {
  readonly host: string
  readonly address: string
}

/** Groups hosts whose words are equal, apart from each one's own address. */
export function groupEqual<T extends About>(
  items: readonly T[],
  words: (item: T) => string,
): readonly (readonly T[])[] {
  const key = (item: T): string => withoutAddress(words(item), item.address)
  return [...groupHosts(items, key).values()]
}

/** Says whose words are shown, for a group in which they differ by address; nothing where they do not differ. */
export function forOne<T extends About>(
  group: readonly T[],
  words: (item: T) => string,
): readonly string[] {
  const [first] = group
  return first && new Set(group.map(words)).size > 1
    ? [`(This text is for ${first.host}. For the others, only the address differs.)`]
    : []
}

function withoutAddress(words: string, address: string): string {
  if (address === '' || !words.includes(address)) return words
  const literal = address.replace(/[^\w]/g, '\\$&')
  return words.replace(new RegExp(`(?<![\\w.-])${literal}(?![\\w-]|\\.\\w)`, 'g'), '\u0000')
}
