import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml'
import { shown } from '../../text/shown.ts'
import type { Place, Problems } from '../reading/problems.ts'
import { reportSyntax } from './syntax-faults.ts'

/** A parsed YAML text that knows the place of each of its nodes. */
export interface YamlSource {
  readonly document: Document.Parsed
  readonly text: string
  placeOf(node: Node | null | undefined): Place
}

/** One `key: value` of a mapping, with merge keys (`<<`) already followed. */
export interface Entry {
  readonly key: string
  readonly keyNode: Node
  readonly value: Node | null
}

/** Parses YAML; undefined, and recorded problems, if the text is not YAML. */
export function parseYaml(text: string, file: string, problems: Problems): YamlSource | undefined {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    merge: true,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
    lineCounter: lines,
  })
  if (document.errors.length > 0) {
    reportSyntax(document.errors, { text, file, lines }, problems)
    return undefined
  }
  const placeOf = (node: Node | null | undefined): Place => {
    if (!node?.range) return { source: file }
    const { line, col } = lines.linePos(node.range[0])
    return { source: file, line, column: col }
  }
  const source = { document, text, placeOf }
  reportDuplicateKeys(source, problems)
  return source
}

/** The node itself, or what an alias stands for; null for an alias to nowhere. */
export function resolved(source: YamlSource, node: unknown): Node | null {
  if (isAlias(node)) return node.resolve(source.document) ?? null
  return isScalar(node) || isMap(node) || isSeq(node) ? node : null
}

/** The text of a key or scalar: numbers, dates and the like just as they were written. */
export function scalarText(node: Scalar): string {
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
}

/** The entries of a mapping in file order; its own keys win over merged ones, as YAML has it. */
export function entriesOf(source: YamlSource, map: YAMLMap): readonly Entry[] {
  return [...collect(source, map, new Set()).values()]
}

function collect(source: YamlSource, map: YAMLMap, open: Set<Node>): Map<string, Entry> {
  const own = new Map<string, Entry>()
  const merged = new Map<string, Entry>()
  if (open.has(map)) return own
  open.add(map)
  for (const { key, value } of map.items) {
    const keyNode = resolved(source, key)
    if (!isScalar(keyNode)) continue
    if (isMergeKey(keyNode)) {
      for (const base of basesOf(source, value)) {
        for (const [name, entry] of collect(source, base, open)) {
          if (!merged.has(name)) merged.set(name, entry)
        }
      }
    } else {
      const name = scalarText(keyNode)
      own.set(name, { key: name, keyNode, value: asNode(value) })
    }
  }
  open.delete(map)
  return new Map([...merged, ...own])
}

function basesOf(source: YamlSource, value: unknown): readonly YAMLMap[] {
  const node = resolved(source, value)
  const bases = isSeq(node) ? node.items.map((item) => resolved(source, item)) : [node]
  return bases.filter((base) => isMap(base))
}

function asNode(value: unknown): Node | null {
  return isAlias(value) || isScalar(value) || isMap(value) || isSeq(value) ? value : null
}

function isMergeKey(key: Scalar): boolean {
  return typeof key.value === 'symbol'
}

function reportDuplicateKeys(source: YamlSource, problems: Problems): void {
  visit(source.document, {
    Map(_, map) {
      const seen = new Map<string, Place>()
      for (const pair of map.items) {
        if (!isPair(pair) || !isScalar(pair.key) || isMergeKey(pair.key)) continue
        const name = scalarText(pair.key)
        const place = source.placeOf(pair.key)
        const first = seen.get(name)
        if (first)
          problems.add(place, `${shown(name)} stands here again: first on line ${first.line}`)
        else seen.set(name, place)
      }
    },
  })
}
