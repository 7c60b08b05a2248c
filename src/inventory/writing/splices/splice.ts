import { isMap, isScalar, type Pair, type YAMLMap } from 'yaml'
import { scalarText } from '../../yaml/yaml-source.ts'

/** A replacement of `text.slice(start, end)`. */
export interface Splice {
  readonly start: number
  readonly end: number
  readonly insert: string
}

/** The text with the splice made. */
export function spliced(text: string, { start, end, insert }: Splice): string {
  return text.slice(0, start) + insert + text.slice(end)
}

/** Replaces the value of a pair by another, given as YAML; undefined if the ranges do not say where the value ends. */
export function replaceValue(text: string, pair: Pair, rendered: string): Splice | undefined {
  const { key, value } = pair
  if (!isScalar(key) || !key.range) return undefined
  const colon = text.indexOf(':', key.range[1])
  if (colon === -1) return undefined
  if (value === null || (isScalar(value) && value.range?.[0] === value.range?.[1])) {
    return { start: colon + 1, end: colon + 1, insert: ` ${rendered}` }
  }
  const range = rangeOf(value)
  if (!range || hasProperties(value)) return undefined
  const [from, to] = range
  // The end of a block's last line stays, and so does the space before a value on the line of its key.
  const end = to - (/\s*$/.exec(text.slice(from, to))?.[0].length ?? 0)
  if (!text.slice(colon, from).includes('\n')) return { start: from, end, insert: rendered }
  return { start: colon + 1, end, insert: ` ${rendered}` }
}

/** Adds lines below the last pair of a block mapping, indented like its pairs; undefined for other mappings. */
export function appendLines(
  text: string,
  map: YAMLMap,
  lines: readonly string[],
): Splice | undefined {
  const column = columnOf(text, map)
  const last = map.items.at(-1)
  if (column === undefined || !last || !isScalar(last.key) || !last.key.range) return undefined
  const bottom = rangeOf(last.value)?.[1] ?? last.key.range[1]
  const filled = text.slice(0, Math.max(bottom, last.key.range[1])).trimEnd().length
  const lineEnd = text.indexOf('\n', filled)
  const comments = commentsBelow(text, lineEnd, column)
  return insertBelow(text, comments ? lineEnd + comments.length : filled, column, lines)
}

/** The comment lines below a line end that are indented deeper than a column: they belong to what stands above. */
function commentsBelow(text: string, lineEnd: number, column: number): string {
  if (lineEnd === -1) return ''
  const lines = new RegExp(`^(?: {${column + 1},}#[^\\n]*(?:\\n|$))+`)
  return lines.exec(text.slice(lineEnd + 1))?.[0] ?? ''
}

/** Adds a pair after the last one of a mapping in braces, or within its empty braces. */
export function appendInBraces(map: YAMLMap, pair: string): Splice | undefined {
  const last = map.items.at(-1)
  const brace = rangeOf(map)?.[0]
  if (!last && brace !== undefined) return { start: brace + 1, end: brace + 1, insert: ` ${pair} ` }
  if (!isScalar(last?.key)) return undefined
  const end = rangeOf(last.value)?.[1] ?? last.key.range?.[1]
  return end === undefined ? undefined : { start: end, end, insert: `, ${pair}` }
}

/** Adds lines right below the line of a key, before the pairs of its block mapping. */
export function prependLines(
  text: string,
  key: unknown,
  column: number,
  lines: readonly string[],
): Splice | undefined {
  if (!isScalar(key) || !key.range) return undefined
  return insertBelow(text, key.range[1], column, lines)
}

/**
 * Removes a pair: from a block mapping its lines, with comments below that are indented deeper than its key; from a mapping in braces
 * the pair and a comma. Undefined if the ranges do not say where it stands, or that would remove a comment in braces.
 */
export function removePair(text: string, map: YAMLMap, pair: Pair): Splice | undefined {
  const { key, value } = pair
  if (!isScalar(key) || !key.range) return undefined
  const start = key.range[0]
  const end = Math.max(rangeOf(value)?.[1] ?? 0, key.range[1])
  if (map.flow) {
    const splice = removeFromBraces(map, pair, start, end)
    // A comment between two pairs may be about the one that stays.
    const around = splice && text.slice(splice.start, start) + text.slice(end, splice.end)
    return around?.includes('#') ? undefined : splice
  }
  const column = columnOf(text, map)
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  if (column === undefined || text.slice(lineStart, start).trim() !== '') return undefined
  const filled = Math.max(text.slice(0, end).trimEnd().length, key.range[1])
  const lineEnd = text.indexOf('\n', filled)
  if (lineEnd === -1) return { start: lineStart, end: text.length, insert: '' }
  const comments = commentsBelow(text, lineEnd, column)
  return { start: lineStart, end: lineEnd + 1 + comments.length, insert: '' }
}

function removeFromBraces(
  { items }: YAMLMap,
  pair: Pair,
  start: number,
  end: number,
): Splice | undefined {
  const at = items.indexOf(pair)
  const [before, after] = [items[at - 1], items[at + 1]]
  if (isScalar(after?.key) && after.key.range) {
    return { start, end: after.key.range[0], insert: '' }
  }
  if (!before) return { start, end, insert: '' }
  if (!isScalar(before.key) || !before.key.range) return undefined
  return { start: Math.max(rangeOf(before.value)?.[1] ?? 0, before.key.range[1]), end, insert: '' }
}

/** The column (from 0) of the keys of a block mapping; undefined for a flow mapping or an empty one. */
export function columnOf(text: string, map: YAMLMap): number | undefined {
  const first = map.items[0]?.key
  if (map.flow || !isScalar(first) || !first.range) return undefined
  const start = first.range[0]
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  return /^ *$/.test(indent.replace('\uFEFF', '')) ? indent.replace('\uFEFF', '').length : undefined
}

/** The pair of a mapping whose key has that text. */
export function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find(({ key }) => isScalar(key) && scalarText(key) === name)
}

/** Whether nothing stands where a value could. */
export function isEmpty(value: unknown): boolean {
  return value === null || (isScalar(value) && value.value === null && value.source === '')
}

/** The line end that the text uses. */
export function lineEndOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}

function insertBelow(
  text: string,
  offset: number,
  column: number,
  lines: readonly string[],
): Splice {
  const lineEnd = lineEndOf(text)
  const block = lines.map((line) => `${' '.repeat(column)}${line}${lineEnd}`).join('')
  const newline = text.indexOf('\n', offset)
  if (newline !== -1) return { start: newline + 1, end: newline + 1, insert: block }
  // The file has no line end at its end, and gets none.
  const insert = lineEnd + block.slice(0, -lineEnd.length)
  return { start: text.length, end: text.length, insert }
}

function rangeOf(node: unknown): readonly [number, number, number] | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined
  const { range } = node
  return Array.isArray(range) ? [Number(range[0]), Number(range[1]), Number(range[2])] : undefined
}

function hasProperties(node: unknown): boolean {
  if (isMap(node)) return true
  if (typeof node !== 'object' || node === null) return false
  return (
    ('anchor' in node && node.anchor !== undefined) || ('tag' in node && node.tag !== undefined)
  )
}
