/** Names of hosts in a line: a few by name, many by number, so that a line stays a line. */
export function hostList(names: readonly string[], shown = 4): string {
  const rest = names.length - shown
  return rest > 1 ? `${names.slice(0, shown).join(', ')} and ${rest} more` : names.join(', ')
}

/** `1 host`, `3 hosts`. */
export function countHosts(count: number): string {
  return `${count} ${count === 1 ? 'host' : 'hosts'}`
}

/** Hosts that share a key, in the order in which keys first came. */
export function groupHosts<T>(
  items: readonly T[],
  key: (item: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group) group.push(item)
    else groups.set(key(item), [item])
  }
  return groups
}
