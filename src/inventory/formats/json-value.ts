import { Marked, type MarkedValue } from '../yaml/marked-value.ts'

/** What JSON.parse makes of a text. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** A JSON value as the value of a variable: every scalar is text, marked if it is none in JSON. */
export function markedOf(value: JsonValue): MarkedValue {
  if (value === null || typeof value === 'string') return value
  if (typeof value !== 'object') return new Marked(String(value), 'bare')
  if (isList(value)) return value.map(markedOf)
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, markedOf(one)]))
}

/** Whether the value is a mapping. */
export function isMapping(
  value: JsonValue | undefined,
): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether the value is a list. */
export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/** The value of a text; undefined if it is not JSON as a whole. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
}
