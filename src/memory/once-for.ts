import { maxSharedLines } from '../limits.ts'
import { ownText } from './own-text.ts'

/**
 * A function of an object that computes once for each, as long as that lives. What hosts have alike is one object, so of many hosts
 * this is computed once.
 */
export function onceFor<K extends object, T>(compute: (key: K) => T): (key: K) => T {
  const known = new WeakMap<K, { readonly value: T }>()
  return (key) => {
    const found = known.get(key)
    if (found) return found.value
    const value = compute(key)
    known.set(key, { value })
    return value
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

/**
 * The same of lines that many hosts print alike, as of a route to another node: N hosts have N each. It forgets all lines when they
 * are too many. The copy of a line does not keep the text that it is from.
 */
export function onceForLine<T>(compute: (line: string) => T): (line: string) => T {
  const known = new Map<string, { readonly value: T }>()
  return (line) => {
    const found = known.get(line)
    if (found) return found.value
    if (known.size === maxSharedLines) known.clear()
    const own = ownText(line)
    const value = compute(own)
    known.set(own, { value })
    return value
  }
}
