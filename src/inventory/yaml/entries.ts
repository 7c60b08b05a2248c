import { isMap, isPair, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml'
import { shown } from '../../text/shown.ts'
import type { Problems } from '../reading/problems.ts'
import { asNode, resolved, scalarText, type YamlSource } from './yaml-source.ts'

/** One `key: value` of a mapping, with merge keys (`<<`) already followed. */
export interface Entry {
  readonly key: string
  readonly keyNode: Node
  readonly value: Node | null
}

/** The entries of a mapping in file order. Its own keys win over merged ones, as YAML has it. */
export function entriesOf(source: YamlSource, map: YAMLMap): readonly Entry[] {
  return [...collect(source, map).values()]
}

/** Records every key that stands twice in one mapping. */
export function reportDuplicateKeys({ top, locationOf }: YamlSource, problems: Problems): void {
  const walk = (node: unknown): void => {
    if (isPair(node)) {
      walk(node.key)
      walk(node.value)
    } else if (isMap(node) || isSeq(node)) {
      if (isMap(node)) reportTwins(node)
      for (const item of node.items) walk(item)
    }
  }
  const reportTwins = (map: YAMLMap): void => {
    const seen = new Map<string, Scalar>()
    for (const { key } of map.items) {
      if (!isScalar(key) || isMergeKey(key)) continue
      const name = scalarText(key)
      const first = seen.get(name)
      if (first) {
        const { line } = locationOf(first)
        problems.add(locationOf(key), `${shown(name)} was already given on line ${line}`)
      } else seen.set(name, key)
    }
  }
  walk(top)
}

function collect(source: YamlSource, map: YAMLMap): Map<string, Entry> {
  const own = new Map<string, Entry>()
  const merged = new Map<string, Entry>()
  for (const { key, value } of map.items) {
    const keyNode = resolved(source, key)
    if (!isScalar(keyNode)) continue
    if (isMergeKey(keyNode)) {
      for (const base of basesOf(source, value)) {
        for (const [name, entry] of collect(source, base)) {
          if (!merged.has(name)) merged.set(name, entry)
        }
      }
    } else {
      const name = scalarText(keyNode)
      own.set(name, { key: name, keyNode, value: asNode(value) })
    }
  }
  return new Map([...merged, ...own])
}

function basesOf(source: YamlSource, value: unknown): readonly YAMLMap[] {
  const node = resolved(source, value)
  const bases = isSeq(node) ? node.items.map((item) => resolved(source, item)) : [node]
  return bases.filter((base) => isMap(base))
}

function isMergeKey(key: Scalar): boolean {
  return typeof key.value === 'symbol'
}
