const LONGEST = 60

/** The value as an error message may show it: quoted, on one line, control characters escaped, cut when long. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  const visible = escaped(withoutCredentials(text))
  const short = visible.length > LONGEST ? `${visible.slice(0, LONGEST)}…` : visible
  return typeof value === 'string' ? `"${short}"` : short
}

/** Whether the text would print as it is: no control, format or unassigned characters. */
export function isPrintable(text: string): boolean {
  return !/[\p{C}\p{Zl}\p{Zp}]/u.test(text)
}

function escaped(text: string): string {
  const named: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
  return text.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => named[character] ?? `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )
}

// A mistyped probe URL is printed, and people do put passwords into URLs.
function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^/\s]*@/g, '//***@')
}
