import { shown } from '../text/shown.ts'
import { listOf } from './variables/value-shapes.ts'

// A name that ends in `*` is a pattern: it means all interfaces whose names begin so.

/** Names of network interfaces and patterns, in a list or a single one. */
export const interfaces = listOf('a network interface', nameFault).refine(
  (names) => names.length > 0,
  { error: 'the list is empty: name at least one interface' },
)

/** What is wrong with a name or pattern; undefined if nothing is. */
function nameFault(name: string): string | undefined {
  const quoted = shown(name)
  if (/^[^+]+\+$/.test(name)) {
    return `${quoted} ends in +: write ${shown(`${name.slice(0, -1)}*`)} for all interfaces whose names begin with ${shown(name.slice(0, -1))}`
  }
  if (name === '*') return `${quoted} means all interfaces: name those that receive traffic`
  const star = name.indexOf('*')
  if (star !== -1 && star < name.length - 1) {
    return `${quoted} has * before its end: * is allowed only as the last character`
  }
  if (/^[A-Za-z0-9]\S*:\d+$/.test(name)) {
    return `${quoted} is an alias, which is no interface of its own; name the interface itself`
  }
  if (name.length > 15) return `${quoted} is not a network interface: more than 15 characters`
  return /^[A-Za-z0-9][A-Za-z0-9._@-]*\*?$/.test(name)
    ? undefined
    : `${quoted} is not a network interface: use 1 to 15 letters, digits and . _ @ -`
}

/** Whether a text is a pattern, not the name of one interface. */
export function isPattern(text: string): boolean {
  return text.endsWith('*')
}

/** Whether one of these names and patterns means the interface of that name. */
export function areMeant(texts: readonly string[], name: string): boolean {
  return texts.some((text) => isMeant(text, name))
}

/** The same for one name or pattern. */
export function isMeant(text: string, name: string): boolean {
  return isPattern(text) ? name.startsWith(text.slice(0, -1)) : name === text
}
