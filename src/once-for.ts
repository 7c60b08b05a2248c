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
