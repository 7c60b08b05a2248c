import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml'
import type { Location } from '../reading/problems.ts'

/** A parsed YAML text that knows the location of each of its nodes. */
export interface YamlSource {
  readonly top: Node | null
  readonly text: string
  /** The node that each alias stands for. */
  readonly aliased: ReadonlyMap<Alias, Node>
  locationOf(node: Node | null | undefined): Location
}

/** The node itself, or what an alias stands for; null for everything else. */
export function resolved({ aliased }: YamlSource, node: unknown): Node | null {
  if (isAlias(node)) return aliased.get(node) ?? null
  return isScalar(node) || isMap(node) || isSeq(node) ? node : null
}

/** A node of the library's trees as one; null for everything else. */
export function asNode(value: unknown): Node | null {
  return isAlias(value) || isScalar(value) || isMap(value) || isSeq(value) ? value : null
}

/** The text of a key or scalar: numbers, dates and the like exactly as they were written. */
export function scalarText(node: Scalar): string {
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
}

/** Whether a node is a template without quotes: of `{{ x }}`, YAML makes a mapping whose key is a mapping. */
export function isBareTemplate({ text }: YamlSource, node: Node | null): boolean {
  const start = node?.range?.[0]
  return isMap(node) && node.flow === true && start !== undefined && text.startsWith('{{', start)
}
