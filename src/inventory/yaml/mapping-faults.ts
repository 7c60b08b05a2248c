import { isMap, isPair, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml'
import { shown } from '../../text/shown.ts'
import type { Problems } from '../reading/problems.ts'
import { isMergeKey } from './entries.ts'
import { asNode, isBareTemplate, resolved, scalarText, type YamlSource } from './yaml-source.ts'

/**
 * Records every key that stands twice in one mapping, and every entry that would be lost: its key is no text, or it merges what is no mapping.
 * False if an entry would be lost: the text cannot be used, and Ansible refuses it too.
 */
export function checkMappings(source: YamlSource, problems: Problems): boolean {
  const { top, locationOf } = source
  let isWhole = true

  const refuse = (node: Node | null, fault: string, remedy?: string): void => {
    problems.add(locationOf(node), fault, remedy)
    isWhole = false
  }
  const checkMerge = (key: Scalar, value: unknown): void => {
    const merged = resolved(source, value)
    const bases = isSeq(merged) ? merged.items : [merged]
    const other = bases.findIndex((base) => !isMapping(source, resolved(source, base)))
    if (other === -1) return
    const at = isSeq(merged) && !isSeq(value) ? value : bases[other]
    refuse(asNode(at) ?? key, 'the key << merges mappings, but this is not a mapping', MERGE)
  }
  const check = (map: YAMLMap): void => {
    const seen = new Map<string, Node>()
    for (const { key, value } of map.items) {
      const name = resolved(source, key)
      if (!isScalar(name)) {
        const what = isBareTemplate(source, name) ? 'a template' : 'a list or a mapping'
        refuse(asNode(key) ?? map, `a key must be text, not ${what}`)
      } else if (isMergeKey(name)) checkMerge(name, value)
      else {
        const node = asNode(key) ?? name
        const first = seen.get(scalarText(name))
        if (first) {
          const { line } = locationOf(first)
          // A key with = may be a line of INI, and hold a password.
          const what = /=/.test(scalarText(name)) ? 'this key' : shown(scalarText(name))
          problems.add(locationOf(node), `${what} was already given on line ${line}`)
        } else seen.set(scalarText(name), node)
      }
    }
  }
  const walk = (node: unknown): void => {
    if (isPair(node)) {
      walk(node.key)
      walk(node.value)
    } else if (isMap(node) || isSeq(node)) {
      // A variable that fw-run does not need may hold one.
      if (isBareTemplate(source, node)) return
      if (isMap(node)) check(node)
      for (const item of node.items) walk(item)
    }
  }
  walk(top)
  return isWhole
}

function isMapping(source: YamlSource, node: Node | null): boolean {
  return isMap(node) && !isBareTemplate(source, node)
}

const MERGE = 'Write "<<: *NAME", or "<<: [*NAME, *OTHER]". Each &NAME must mark a mapping.'
