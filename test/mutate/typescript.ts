import { parseSync } from 'oxc-parser'
import type { Point } from './point.ts'

type Node = Readonly<Record<string, unknown>> & { type: string; start: number; end: number }

/** All points of a TypeScript text, found by its syntax tree. Types, imports and names of properties are left alone. */
export function typescriptPoints(text: string): readonly Point[] {
  const points: Point[] = []
  const visit = (node: Node): void => {
    if (
      /^(TS.*(Type|Declaration|Annotation|Instantiation)|Import.*|Export(All|Spec).*)$/.test(
        node.type,
      )
    )
      return
    for (const point of pointsAt(node, text)) {
      if (text.slice(point.start, point.end) !== point.replacement) points.push(point)
    }
    for (const [key, value] of Object.entries(node)) {
      if (key === 'key' || key === 'directive') continue
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child)
    }
  }
  const { program, errors } = parseSync('source.ts', text)
  if (errors[0]) throw new Error(errors[0].message)
  const root: unknown = program
  if (isNode(root)) visit(root)
  return points
}

const otherOperator: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '&&': ['||'],
  '||': ['&&'],
  '&': ['|'],
  '|': ['&'],
}

const droppedCalls = /^(filter|sort|toSorted|slice|reverse|toReversed|trim|abs|flat|at)$/

function pointsAt(node: Node, text: string): readonly Point[] {
  const code = (part: unknown): string => (isNode(part) ? text.slice(part.start, part.end) : '')
  const instead = (replacement: string, of: unknown = node): Point[] =>
    isNode(of) ? [{ start: of.start, end: of.end, replacement }] : []
  const negated = (): Point[] => instead(`!(${code(node.test)})`, node.test)
  switch (node.type) {
    case 'ExpressionStatement':
      return node.directive ? [] : instead('{}')
    case 'IfStatement':
      return [...negated(), ...instead(node.alternate ? code(node.alternate) : '{}')]
    case 'ConditionalExpression':
      return negated()
    case 'ThrowStatement':
    case 'ContinueStatement':
      return instead('{}')
    case 'SwitchCase':
      return instead('')
    case 'AwaitExpression':
      return instead(code(node.argument))
    case 'ReturnStatement':
      return node.argument ? instead(emptied(node.argument), node.argument) : instead('{}')
    case 'ArrowFunctionExpression':
      return node.expression === true ? instead(emptied(node.body), node.body) : []
    case 'LogicalExpression':
    case 'BinaryExpression': {
      const { left, right } = node
      if (!isNode(left) || !isNode(right)) return []
      const gap = { start: left.end, end: right.start }
      const others = otherOperator[String(node.operator)] ?? []
      const swapped = others.map((operator) => ({ ...gap, replacement: ` ${operator} ` }))
      const logical = node.type === 'LogicalExpression'
      return logical ? [...swapped, ...instead(code(left)), ...instead(code(right))] : swapped
    }
    case 'UnaryExpression':
      return node.operator === '!' ? instead(code(node.argument)) : []
    case 'CallExpression':
      return instead(withoutCall(node, code)).filter(({ replacement }) => replacement !== '')
    case 'ArrayExpression':
      return (Array.isArray(node.elements) ? node.elements : []).flatMap((one: unknown) => {
        return isNode(one) && one.type !== 'Literal' ? instead('...[]', one) : []
      })
    case 'Literal':
      return literal(node.value).flatMap((replacement) => instead(replacement))
    default:
      return []
  }
}

function emptied(value: unknown): string {
  if (!isNode(value)) return 'undefined'
  if (value.type === 'ArrayExpression') return '[]'
  return value.type === 'Literal' && value.value === true ? 'false' : 'undefined'
}

/** What a call works on, for calls that can be left out: `x.filter(f)` becomes `x`, `Math.abs(x)` becomes `x`. */
function withoutCall({ callee, arguments: given }: Node, code: (part: unknown) => string): string {
  if (!isNode(callee) || callee.type !== 'MemberExpression') return ''
  if (!droppedCalls.test(code(callee.property))) return ''
  if (code(callee.object) === 'Math') return Array.isArray(given) ? `(${code(given[0])})` : ''
  return code(callee.object)
}

/** Other values for a literal. Prose is left alone: how a message is worded is no behaviour. */
function literal(value: unknown): readonly string[] {
  if (typeof value === 'number') return [`${value + 1}`]
  if (typeof value === 'boolean') return [`${!value}`]
  if (typeof value === 'string' && !value.includes(' ')) return [value === '' ? "'x'" : "''"]
  return []
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}
