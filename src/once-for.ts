/**
 * A function of an object that computes once for each, as long as that lives. What hosts have alike is one object, so of many hosts
 * this is computed once.
 */
export function onceFor<K extends object, T>(compute: (key: K) => T): (key: K) => T {
  const known = new WeakMap<K, { readonly value: T }>()
  return (key) => {
    const found = known.get(key) ?? { value: compute(key) }
    known.set(key, found)
    return found.value
  }
}

/**
 * The same for the objects that were asked for last, two of them: what takes much memory and is of use only while one host is
 * looked at.
 */
export function onceForLast<K extends object, T>(compute: (key: K) => T): (key: K) => T {
  let last: readonly { readonly key: K; readonly value: T }[] = []
  return (key) => {
    const found = last.find((one) => one.key === key) ?? { key, value: compute(key) }
    last = [found, ...last.filter((one) => one !== found)].slice(0, 2)
    return found.value
  }
}
