import { isMap, isScalar, isSeq, type Node } from 'yaml'
import { entriesOf } from './entries.ts'
import { bareScalar, Marked, type MarkedValue, plain } from './marked-value.ts'
import { asNode, isBareTemplate, resolved, scalarText, type YamlSource } from './yaml-source.ts'

/**
 * A value as the text gives it. Every scalar is the text that was written (`0123`, `yes`), because the variable decides
 * what is a number or a boolean, not YAML.
 */
export type PlainValue =
  | string
  | null
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue }

/** Why a value cannot be read. */
export interface Unreadable {
  readonly kind: 'vault' | 'template' | 'other'
  readonly message: string
}

/** A value, or why it cannot be read. */
export interface Reading {
  readonly value: PlainValue | undefined
  readonly unreadable: Unreadable | undefined
  /** The value with its templates as they were written, if templates are all that is wrong with it. */
  readonly template?: PlainValue | undefined
  /** The value or its template, for the templates that name it; unset: as they are. */
  readonly marked?: MarkedValue | undefined
}

/** Reads the value that a node stands for. */
export function readValue(source: YamlSource, node: Node | null): Reading {
  const reasons: Unreadable[] = []
  const marked = read(source, node, reasons, 0)
  const value = plain(marked)
  const unreadable = reasons.find(({ kind }) => kind !== 'template') ?? reasons[0]
  if (!unreadable) return { value, unreadable, marked }
  const template = unreadable.kind === 'template' ? value : undefined
  return { value: undefined, unreadable, ...(template != null && { template, marked }) }
}

/** Reads a value that is plain already: only its templates are looked for. */
export function readPlain(marked: MarkedValue): Reading {
  const value = plain(marked)
  if (!hasTemplate(value)) return { value, unreadable: undefined, marked }
  const unreadable = { kind: 'template', message: NOT_EVALUATED } as const
  return { value: undefined, unreadable, template: value, marked }
}

/** Whether a text somewhere in the value has a template. */
function hasTemplate(value: PlainValue): boolean {
  if (typeof value === 'string') return /\{\{|\{%/.test(value)
  if (value === null) return false
  return Object.values(value).some(hasTemplate)
}

/** The node of the part of a list that a path of indexes leads to, or of its nearest parent. */
export function nodeAt(
  source: YamlSource,
  from: Node | null,
  path: readonly PropertyKey[],
): Node | null {
  let node = from
  for (const step of path) {
    const parent = resolved(source, node)
    const child: Node | null = isSeq(parent) ? asNode(parent.items[Number(step)]) : null
    if (child === null) return node
    node = child
  }
  return node
}

function read(
  source: YamlSource,
  given: Node | null,
  reasons: Unreadable[],
  depth: number,
): MarkedValue {
  const node = resolved(source, given)
  const fail = (message: string, kind: Unreadable['kind'] = 'other'): null => {
    reasons.push({ kind, message })
    return null
  }
  if (depth > MAX_DEPTH) return fail('has too many levels inside each other')
  if (node === null) return null
  const tag = node.tag ?? ''
  if (/^!vault/.test(tag)) return fail('is encrypted with ansible-vault', 'vault')
  if (tag.startsWith('!') && tag !== '!unsafe') return fail('tags (!name) are not supported')
  if (tag !== '!unsafe' && isTemplate(source, node)) {
    fail(NOT_EVALUATED, 'template')
    return isScalar(node) ? scalarText(node) : fail('a template ({{ … }}) needs quotes around it')
  }
  if (isSeq(node)) {
    return node.items.map((item) => read(source, asNode(item), reasons, depth + 1))
  }
  if (isMap(node)) {
    const pairs = entriesOf(source, node).map(
      ({ key, value }) => [key, read(source, value, reasons, depth + 1)] as const,
    )
    return Object.fromEntries(pairs)
  }
  if (!isScalar(node) || node.value === null) return null
  const text = scalarText(node)
  if (tag === '!unsafe') return new Marked(text, 'unsafe')
  return node.type === 'PLAIN' ? bareScalar(text) : text
}

/** What to say of a template that nobody evaluates. */
const NOT_EVALUATED = 'templates ({{ … }}) are not evaluated'

/** No variable of ours has a value of more than three levels. */
const MAX_DEPTH = 8

function isTemplate(source: YamlSource, node: Node): boolean {
  if (isScalar(node)) return /\{\{|\{%/.test(scalarText(node))
  return isBareTemplate(source, node)
}
