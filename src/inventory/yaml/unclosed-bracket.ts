import { CST, Parser } from 'yaml'

/** A bracket or quote that opens and is never closed, and where it stands. */
export interface Unclosed {
  readonly sign: string
  readonly offset: number
}

/**
 * The last bracket or quote before an offset that is never closed. It is the cause of an error there: outer brackets look
 * unclosed only as a consequence.
 */
export function unclosedBefore(text: string, offset: number): Unclosed | undefined {
  const found: Unclosed[] = []
  for (const token of new Parser().parse(text)) {
    if (token.type !== 'document') continue
    CST.visit(token, ({ key, value }) => {
      found.push(...leftOpen(key), ...leftOpen(value))
    })
  }
  const before = found.filter((one) => one.offset < offset)
  return before.reduce<Unclosed | undefined>(
    (last, one) => (last && last.offset > one.offset ? last : one),
    undefined,
  )
}

function leftOpen(token: CST.Token | null | undefined): readonly Unclosed[] {
  switch (token?.type) {
    case 'flow-collection': {
      const { source, offset } = token.start
      const closing = source === '[' ? 'flow-seq-end' : 'flow-map-end'
      return token.end[0]?.type === closing ? [] : [{ sign: source, offset }]
    }
    case 'single-quoted-scalar':
    case 'double-quoted-scalar': {
      const { source, offset } = token
      const sign = source.charAt(0)
      return source.length > 1 && source.endsWith(sign) ? [] : [{ sign, offset }]
    }
    default:
      return []
  }
}
