import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml'
import type { Place } from '../reading/problems.ts'
import { entriesOf, resolved, scalarText, type YamlSource } from '../yaml/yaml-source.ts'

/**
 * A value as the inventory gives it. Every scalar is the text that was written (`0123`, `yes`), because
 * what is a number or a boolean is for the variable to say, not for YAML.
 */
export type Plain = string | null | readonly Plain[] | { readonly [key: string]: Plain }

/** A variable where it was defined. */
export interface Variable {
  readonly name: string
  /** Where the name stands. */
  readonly place: Place
  /** Undefined when the value is one that cannot be read: see `flaw`. */
  readonly value: Plain | undefined
  readonly flaw: string | undefined
  /** Given on the command line, which its place names: with `-e`, or by a flag of its own. */
  readonly extra: boolean
  /** Where the part of the value stands that a path of keys and indexes leads to. */
  placeOf(path: readonly PropertyKey[]): Place
}

/** How words about a variable begin: with its name, unless its place has said that already. */
export function opening({ name, extra }: Pick<Variable, 'name' | 'extra'>): string {
  return extra ? '' : `${name}: `
}

/** The variable that one entry of a `vars:` mapping, or of a host, defines. */
export function variableFrom(
  source: YamlSource,
  entry: { readonly key: string; readonly keyNode: Node; readonly value: Node | null },
): Variable {
  const place = source.placeOf(entry.keyNode)
  const placeOf = (path: readonly PropertyKey[]): Place => {
    const node = descend(source, entry.value, path)
    return isEmpty(node) ? place : source.placeOf(node)
  }
  const reading = read(source, entry.value)
  return { name: entry.key, place, ...reading, extra: false, placeOf }
}

/** What the node says as plain text, or the flaw for which it cannot be used. */
export function read(
  source: YamlSource,
  node: Node | null,
): { readonly value: Plain | undefined; readonly flaw: string | undefined } {
  const flaws: string[] = []
  const value = plain(source, node, flaws, 0)
  const flaw = flaws[0]
  return flaw === undefined ? { value, flaw } : { value: undefined, flaw }
}

function plain(source: YamlSource, given: Node | null, flaws: string[], depth: number): Plain {
  const node = resolved(source, given)
  if (depth > 8) return flawed(flaws, 'nests too deep')
  if (node === null) {
    return isAlias(given) ? flawed(flaws, 'this alias (*name) stands for nothing; quote it') : null
  }
  const tag = node.tag ?? ''
  if (/^!vault/.test(tag)) return flawed(flaws, 'values encrypted with ansible-vault are not read')
  if (tag.startsWith('!') && tag !== '!unsafe') return flawed(flaws, 'tags (!name) are not read')
  if (tag !== '!unsafe' && isTemplate(source, node)) {
    return flawed(flaws, 'templates ({{ … }}) are not evaluated; write the value itself')
  }
  if (isSeq(node)) {
    return node.items.map((item) => plain(source, asNode(item), flaws, depth + 1))
  }
  if (isMap(node)) {
    const pairs = entriesOf(source, node).map(
      ({ key, value }) => [key, plain(source, value, flaws, depth + 1)] as const,
    )
    return Object.fromEntries(pairs)
  }
  if (!isScalar(node) || node.value === null) return null
  return scalarText(node)
}

function isTemplate(source: YamlSource, node: Node): boolean {
  if (isScalar(node)) return /\{\{|\{%/.test(scalarText(node))
  // Unquoted, `{{ x }}` is a mapping whose key is a mapping.
  return source.text.startsWith('{{', node.range?.[0] ?? 0)
}

function flawed(flaws: string[], flaw: string): null {
  flaws.push(flaw)
  return null
}

function descend(source: YamlSource, from: Node | null, path: readonly PropertyKey[]): Node | null {
  let node = from
  for (const step of path) {
    const parent = resolved(source, node)
    let child: Node | null = null
    if (isSeq(parent)) child = asNode(parent.items[Number(step)])
    if (isMap(parent)) {
      child = entriesOf(source, parent).find(({ key }) => key === String(step))?.value ?? null
    }
    if (child === null) return node
    node = child
  }
  return node
}

function isEmpty(node: Node | null): boolean {
  return node?.range ? node.range[0] === node.range[1] : true
}

function asNode(value: unknown): Node | null {
  return isAlias(value) || isScalar(value) || isMap(value) || isSeq(value) ? value : null
}
