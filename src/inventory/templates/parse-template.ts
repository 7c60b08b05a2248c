/** A part of an expression that names or computes a value. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string }
  | { readonly kind: 'name'; readonly name: string }
  /** A value of a mapping or a list: `a.b`, `a['b']`, `a[0]`, `a[b]`. */
  | { readonly kind: 'part'; readonly of: Expression; readonly key: Expression }
  /** `value | default(other)`; with `true` behind it also for an empty value. */
  | {
      readonly kind: 'default'
      readonly of: Expression
      readonly other: Expression
      readonly forEmpty: boolean
    }

/** A text with templates: what stands between them, and the expression of each. */
export type Template = readonly (string | Expression)[]

/**
 * Reads a text with templates (expressions in double braces). Only names, parts of their values, texts, whole numbers and the
 * filter `default` are understood. Undefined if there is anything else.
 */
export function parseTemplate(text: string): Template | undefined {
  if (/\{%|\{#/.test(text)) return undefined
  const parts: (string | Expression)[] = []
  let at = 0
  while (at < text.length) {
    const start = text.indexOf('{{', at)
    if (start === -1) break
    const end = endOf(text, start + 2)
    const expression = end === undefined ? undefined : parseExpression(text.slice(start + 2, end))
    if (end === undefined || !expression) return undefined
    if (start > at) parts.push(text.slice(at, start))
    parts.push(expression)
    at = end + 2
  }
  if (at < text.length) parts.push(text.slice(at))
  return parts
}

/** Where the `}}` stands that ends an expression: not one within quotes. */
function endOf(text: string, from: number): number | undefined {
  const token = /'[^']*'|"[^"]*"|\}\}|[\s\S]/gy
  token.lastIndex = from
  for (let match = token.exec(text); match; match = token.exec(text)) {
    if (match[0] === '}}') return match.index
  }
  return undefined
}

interface Parser {
  readonly tokens: readonly string[]
  at: number
}

const TOKEN = /\s*('[^'\\]*'|"[^"\\]*"|[A-Za-z_]\w*|-?\d+|[.[\]()|,])/y

function parseExpression(text: string): Expression | undefined {
  const tokens: string[] = []
  const trimmed = text.trimEnd()
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < trimmed.length) {
    const match = TOKEN.exec(trimmed)
    if (!match) return undefined
    tokens.push(match[1] ?? '')
  }
  const parser = { tokens, at: 0 }
  const found = parseFiltered(parser, 0)
  return parser.at === tokens.length ? found : undefined
}

function parseFiltered(parser: Parser, depth: number): Expression | undefined {
  let found = parsePath(parser, depth)
  while (found && takes(parser, '|')) {
    const filter = parser.tokens[parser.at]
    parser.at += 1
    if ((filter !== 'default' && filter !== 'd') || !takes(parser, '(')) return undefined
    const other = parseFiltered(parser, depth + 1)
    const forEmpty = takes(parser, ',') && /^[Tt]rue$/.test(parser.tokens[parser.at++] ?? '')
    if (!other || !takes(parser, ')')) return undefined
    found = { kind: 'default', of: found, other, forEmpty }
  }
  return found
}

function parsePath(parser: Parser, depth: number): Expression | undefined {
  if (depth > MAX_DEPTH) return undefined
  const token = parser.tokens[parser.at]
  parser.at += 1
  if (token === undefined) return undefined
  if (/^['"]/.test(token)) return { kind: 'literal', value: token.slice(1, -1) }
  if (/^-?\d/.test(token)) return { kind: 'literal', value: token }
  if (!/^[A-Za-z_]/.test(token)) return undefined
  let found: Expression = { kind: 'name', name: token }
  for (;;) {
    if (takes(parser, '.')) {
      const key = parser.tokens[parser.at]
      parser.at += 1
      if (key === undefined || !/^\w+$/.test(key)) return undefined
      found = { kind: 'part', of: found, key: { kind: 'literal', value: key } }
    } else if (takes(parser, '[')) {
      const key = parseFiltered(parser, depth + 1)
      if (!key || !takes(parser, ']')) return undefined
      found = { kind: 'part', of: found, key }
    } else return found
  }
}

const MAX_DEPTH = 20

function takes(parser: Parser, sign: string): boolean {
  if (parser.tokens[parser.at] !== sign) return false
  parser.at += 1
  return true
}
