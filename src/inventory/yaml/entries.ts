import { isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml'
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

function collect(source: YamlSource, map: YAMLMap): Map<string, Entry> {
  const own = new Map<string, Entry>()
  const merged = new Map<string, Entry>()
  for (const { key, value } of map.items) {
    const keyNode = resolved(source, key)
    if (!isScalar(keyNode)) continue
    if (isMergeKey(keyNode)) {
      // As in Ansible: within one list the earlier wins, of several `<<` the later.
      for (const base of basesOf(source, value).toReversed()) {
        for (const [name, entry] of collect(source, base)) merged.set(name, entry)
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

/** Whether a key is `<<`, which merges other mappings into its own. */
export function isMergeKey(key: Scalar): boolean {
  return typeof key.value === 'symbol'
}
