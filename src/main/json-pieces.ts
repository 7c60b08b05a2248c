import { onceFor } from '../memory/once-for.ts'

/**
 * The pieces of what `JSON.stringify` makes of a document of plain values, where `replace` says what is written for a member of an
 * object: of a thousand hosts it has tens of megabytes. `step` is the indent of a level; empty for one line. A long list of strings, as
 * the members of a set that each host repeats, is put into words once.
 */
export function* jsonPieces(
  document: object,
  replace: (key: string, value: unknown) => unknown,
  step: string,
): Generator<string, void> {
  const longLists = onceFor((list: readonly string[]) => {
    const known = new Map<string, string>()
    return (indent: string): string => {
      const text = known.get(indent) ?? enclosed(list.map(quoted), '[]', indent, step)
      known.set(indent, text)
      return text
    }
  })
  yield* piecesOf(document, step && '\n', 3, { replace, step, longLists })
}

interface Layout {
  readonly replace: (key: string, value: unknown) => unknown
  readonly step: string
  readonly longLists: (list: readonly string[]) => (indent: string) => string
}

/** A value in pieces down to some levels. `indent` is the line break, and the blanks after it, before its end. */
function* piecesOf(
  value: unknown,
  indent: string,
  levels: number,
  layout: Layout,
): Generator<string, void> {
  const members = levels > 0 ? membersOf(value, layout) : []
  if (members.length === 0) return yield textOf(value, indent, layout)
  const inner = indent && indent + layout.step
  const [begin = '', end = ''] = bracketsOf(value)
  let before = begin
  for (const [name, member] of members) {
    yield `${before}${inner}${name}`
    yield* piecesOf(member, inner, levels - 1, layout)
    before = ','
  }
  yield `${indent}${end}`
}

function textOf(value: unknown, indent: string, layout: Layout): string {
  if (isLongList(value)) return layout.longLists(value)(indent)
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return JSON.stringify(value)
  const inner = indent && indent + layout.step
  const members = membersOf(value, layout).map(
    ([name, member]) => name + textOf(member, inner, layout),
  )
  return enclosed(members, bracketsOf(value), indent, layout.step)
}

function bracketsOf(value: unknown): string {
  return Array.isArray(value) ? '[]' : '{}'
}

function enclosed(
  texts: readonly string[],
  [begin, end]: string,
  indent: string,
  step: string,
): string {
  const inner = indent && indent + step
  return texts.length === 0
    ? `${begin}${end}`
    : `${begin}${inner}${texts.join(`,${inner}`)}${indent}${end}`
}

/** What is in an object or an array, each with the name before it. As in JSON, what is undefined is null in an array, and else left out. */
function membersOf(
  value: unknown,
  { replace, step }: Layout,
): readonly (readonly [name: string, member: unknown])[] {
  if (Array.isArray(value)) return value.map((one) => ['', one ?? null])
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => {
    const written = replace(key, member)
    return written === undefined ? [] : [[`${quoted(key)}:${step && ' '}`, written] as const]
  })
}

function isLongList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 50 && value.every((one) => typeof one === 'string')
}

function quoted(text: string): string {
  return JSON.stringify(text)
}
