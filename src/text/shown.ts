import { replaceUnprintable } from './printable.ts'

const maxShown = 60

/** The value as a message may show it: quoted, on one line, without credentials, unprintable characters escaped, cut when long. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? withoutCredentials(value) : rendered(value)
  const visible = replaceUnprintable(text, escaped)
  const short = visible.length > maxShown ? `${visible.slice(0, maxShown)}…` : visible
  return typeof value === 'string' ? `"${short}"` : short
}

function rendered(value: unknown): string {
  const hidden = (_: string, part: unknown): unknown => {
    if (typeof part === 'string') return withoutCredentials(part)
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(
      Object.entries(part).map(([key, inner]) => [withoutCredentials(key), inner]),
    )
  }
  return JSON.stringify(value, hidden) ?? String(value)
}

function escaped(character: string): string {
  const letter = { '\n': 'n', '\r': 'r', '\t': 't' }[character]
  return `\\${letter ?? `u{${character.codePointAt(0)?.toString(16)}}`}`
}

/** People put passwords into URLs and addresses: `//token@host`, `user:password@host`. Hides too much rather than too little. */
function withoutCredentials(text: string): string {
  const end = text.lastIndexOf('@')
  if (end < 0) return text
  const colon = text.search(/:(?!\/\/)/)
  const kept =
    colon >= 0 && colon < end
      ? /^(?:.*(?:\s|\/\/))?/s.exec(text.slice(0, colon))
      : /^.*?\/\//s.exec(text.slice(0, end))
  return kept ? `${kept[0]}***${text.slice(end)}` : text
}
