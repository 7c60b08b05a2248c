/** Names of hosts in a line: a few by name, the rest by number, so that a line stays a line. */
export function hostList(names: readonly string[], maxNamed = 4): string {
  const rest = names.length - maxNamed
  return rest > 1 ? `${names.slice(0, maxNamed).join(', ')} and ${rest} more` : names.join(', ')
}

/** All names, where numbers that follow each other are written as inventories do: `node[01:40]`. */
export function compactNames(names: readonly string[]): readonly string[] {
  const runs: NameRun[] = []
  for (const name of names) {
    const [, before = name, digits = '', after = ''] = /^(.*?)(\d+)(\D*)$/.exec(name) ?? []
    const last = runs.at(-1)
    const follows =
      last?.before === before &&
      last.after === after &&
      digits !== '' &&
      digits.length === last.last.length &&
      Number(digits) === Number(last.last) + 1
    if (last && follows) last.last = digits
    else runs.push({ before, first: digits, last: digits, after })
  }
  return runs.map(({ before, first, last, after }) =>
    first === last ? `${before}${first}${after}` : `${before}[${first}:${last}]${after}`,
  )
}

/** Names that differ in a number only, from the first number to the last. */
interface NameRun {
  readonly before: string
  readonly first: string
  last: string
  readonly after: string
}

/** `1 host`, `3 hosts`. */
export function countHosts(count: number): string {
  return `${count} ${count === 1 ? 'host' : 'hosts'}`
}

/** `1 member`, `3 members`. */
export function countMembers(count: number): string {
  return `${count} ${count === 1 ? 'member' : 'members'}`
}

/** Hosts that share a key, in the order in which keys first came. */
export function groupHosts<T>(
  items: readonly T[],
  key: (item: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const own = key(item)
    const group = groups.get(own)
    if (group) group.push(item)
    else groups.set(own, [item])
  }
  return groups
}
