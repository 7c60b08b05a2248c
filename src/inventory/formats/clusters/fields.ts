import { isMap, isScalar, isSeq, type Node } from 'yaml'
import type { Location } from '../../reading/problems.ts'
import { type Variable, variableFrom } from '../../variables/variable.ts'
import { type Entry, entriesOf } from '../../yaml/entries.ts'
import { asNode, resolved, scalarText, type YamlSource } from '../../yaml/yaml-source.ts'

/** The entries of a mapping by key, and none for anything else. */
export type Fields = ReadonlyMap<string, Entry>

/** The fields of what stands at a path of keys below a node. */
export function fieldsAt(
  source: YamlSource,
  node: Node | null,
  ...path: readonly string[]
): Fields {
  const map = resolved(source, node)
  const fields: Fields = isMap(map)
    ? new Map(entriesOf(source, map).map((entry) => [entry.key, entry]))
    : new Map()
  const [step, ...rest] = path
  return step === undefined ? fields : fieldsAt(source, fields.get(step)?.value ?? null, ...rest)
}

/** The items of a list. */
export function itemsOf(source: YamlSource, entry: Entry | undefined): readonly Node[] {
  const list = resolved(source, entry?.value ?? null)
  return isSeq(list) ? list.items.flatMap((item) => asNode(item) ?? []) : []
}

/** The text of a field; undefined if it is empty, absent or no scalar. */
export function textOf(source: YamlSource, entry: Entry | undefined): string | undefined {
  const value = resolved(source, entry?.value ?? null)
  if (!isScalar(value) || value.value === null) return undefined
  return scalarText(value).trim() || undefined
}

/** A variable of the inventory with the value of a field, at its place; none if the field is empty or absent. */
export function variable(
  source: YamlSource,
  name: string,
  entry: Entry | undefined,
): readonly Variable[] {
  if (!entry || textOf(source, entry) === undefined) return []
  return [variableFrom(source, { ...entry, key: name })]
}

/** Where a field stands, or else where its mapping does. */
export function placeOf(source: YamlSource, entry: Entry | undefined, parent: Node): Location {
  return source.locationOf(entry?.keyNode ?? parent)
}
