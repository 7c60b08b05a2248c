import { Marked, type MarkedValue } from '../../yaml/marked-value.ts'

/**
 * What a text is as a literal of Python (`ast.literal_eval`): a quoted text, a number, True, False, None, a list, a mapping. Undefined for
 * all else, which Ansible takes as it is written. Numbers stay as they are written, unless another spelling means the same whole number.
 */
export function pythonLiteral(text: string): MarkedValue | undefined {
  const tokens = tokensOf(text.replace(/^[ \t]+/, ''))
  if (tokens === undefined || tokens.length === 0) return undefined
  const parser = { tokens, at: 0 }
  const value = parseTop(parser)
  return parser.at === tokens.length ? value : undefined
}

interface Token {
  readonly kind: 'value' | 'sign'
  readonly text: string
  readonly value: MarkedValue
  readonly isText: boolean
}

interface Parser {
  readonly tokens: readonly Token[]
  at: number
}

const LEXEME =
  /[ \t\f]*(?:(#.*$)|([[\](){},:+-])|([rRuU]{0,2})('''[\s\S]*?'''|"""[\s\S]*?"""|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*")|((?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d+)?)(?![\w.]))|(True|False|None)(?!\w))/y

function tokensOf(text: string): readonly Token[] | undefined {
  const tokens: Token[] = []
  LEXEME.lastIndex = 0
  while (LEXEME.lastIndex < text.length) {
    const start = LEXEME.lastIndex
    if (/^[ \t\f]*$/.test(text.slice(start))) break
    const match = LEXEME.exec(text)
    if (!match || match[0].trim() === '') return undefined
    const [, comment, sign, prefix = '', quoted, number, word] = match
    if (comment !== undefined) break
    if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, value: null, isText: false })
    else if (quoted !== undefined) {
      const value = unquoted(prefix.toLowerCase(), quoted)
      if (value === undefined) return undefined
      tokens.push({ kind: 'value', text: quoted, value, isText: true })
    } else if (number !== undefined) {
      const value = numberText(number)
      if (value === undefined) return undefined
      tokens.push({ kind: 'value', text: number, value: new Marked(value, 'bare'), isText: false })
    } else if (word !== undefined) {
      tokens.push({
        kind: 'value',
        text: word,
        value: word === 'None' ? null : new Marked(word, 'bare'),
        isText: false,
      })
    }
  }
  return tokens
}

/** A whole number in decimal, any other as it is written. Undefined for `017`, which Python refuses. */
function numberText(text: string): string | undefined {
  const plain = text.replaceAll('_', '')
  if (/^0[xob]/i.test(plain)) return String(BigInt(plain))
  if (/^\d+$/.test(plain)) {
    if (/^0+[1-9]/.test(plain)) return undefined
    return plain.startsWith('0') ? '0' : plain
  }
  return plain
}

function unquoted(prefix: string, quoted: string): string | undefined {
  if (prefix !== '' && prefix !== 'r' && prefix !== 'u') return undefined
  const width = /^('''|""")/.test(quoted) && quoted.length >= 6 ? 3 : 1
  const body = quoted.slice(width, -width)
  if (prefix === 'r') return body
  return /\\N\{|\\x(?![0-9a-fA-F]{2})|\\u(?![0-9a-fA-F]{4})|\\U(?!00[01][0-9a-fA-F]{5})/.test(
    body.replaceAll('\\\\', ''),
  )
    ? undefined
    : body.replace(ESCAPE, (all, code: string) => unescaped(all, code))
}

const ESCAPE = /\\(\n|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|[\s\S])/g

function unescaped(all: string, code: string): string {
  if (code === '\n') return ''
  if (/^[xuU]./.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 16))
  if (/^[0-7]/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8))
  return SIMPLE.get(code) ?? all
}

const SIMPLE: ReadonlyMap<string, string> = new Map([
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
])

/** A value, or values with commas between them, which are a tuple. */
function parseTop(parser: Parser): MarkedValue | undefined {
  const first = parseValue(parser, 0)
  if (first === undefined || !takes(parser, ',')) return first
  const items = [first]
  while (parser.at < parser.tokens.length) {
    const item = parseValue(parser, 0)
    if (item === undefined) return undefined
    items.push(item)
    if (!takes(parser, ',')) break
  }
  return items
}

function parseValue(parser: Parser, depth: number): MarkedValue | undefined {
  if (depth > MAX_DEPTH) return undefined
  const token = parser.tokens[parser.at]
  if (token === undefined) return undefined
  parser.at += 1
  if (token.kind === 'value') return token.isText ? joined(parser, token) : token.value
  switch (token.text) {
    case '-':
    case '+': {
      const number = parser.tokens[parser.at]
      if (!(number?.value instanceof Marked) || !/^[\d.]/.test(number.text)) return undefined
      parser.at += 1
      return new Marked(`${token.text === '-' ? '-' : ''}${number.value.text}`, 'bare')
    }
    case '[':
      return parseItems(parser, ']', depth)?.items
    case '(': {
      const found = parseItems(parser, ')', depth)
      return found?.items.length === 1 && !found.trailing ? found.items[0] : found?.items
    }
    case '{':
      return parseBraces(parser, depth)
    default:
      return undefined
  }
}

const MAX_DEPTH = 20

/** Texts that stand side by side are one. */
function joined(parser: Parser, first: Token): string {
  let text = String(first.value)
  for (let next = parser.tokens[parser.at]; next?.isText; next = parser.tokens[parser.at]) {
    text += String(next.value)
    parser.at += 1
  }
  return text
}

function parseItems(
  parser: Parser,
  end: string,
  depth: number,
): { readonly items: MarkedValue[]; readonly trailing: boolean } | undefined {
  const items: MarkedValue[] = []
  let trailing = false
  while (!takes(parser, end)) {
    const item = parseValue(parser, depth + 1)
    if (item === undefined) return undefined
    items.push(item)
    trailing = takes(parser, ',')
    if (!trailing && !isNext(parser, end)) return undefined
  }
  return { items, trailing }
}

function parseBraces(parser: Parser, depth: number): MarkedValue | undefined {
  const pairs: [string, MarkedValue][] = []
  while (!takes(parser, '}')) {
    const given = parseValue(parser, depth + 1)
    const key = given instanceof Marked ? given.text : given
    if (key === undefined || typeof key === 'object' || !takes(parser, ':')) return undefined
    const value = parseValue(parser, depth + 1)
    if (value === undefined) return undefined
    pairs.push([key, value])
    if (!takes(parser, ',') && !isNext(parser, '}')) return undefined
  }
  return Object.fromEntries(pairs)
}

function isNext({ tokens, at }: Parser, sign: string): boolean {
  return tokens[at]?.kind === 'sign' && tokens[at]?.text === sign
}

function takes(parser: Parser, sign: string): boolean {
  if (!isNext(parser, sign)) return false
  parser.at += 1
  return true
}
