import { escaped } from '../escaped.ts'

/** A piece of HTML. Only `html` makes one, so that no text becomes markup by mistake. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Piece = string | number | undefined | Markup | readonly Markup[]

/** HTML with values in it. Texts are escaped, in elements and in quoted attributes alike; undefined is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Piece[]): Markup {
  const filled = strings.map((text, index) => text + textOf(values[index]))
  return new Markup(filled.join(''))
}

function textOf(piece: Piece): string {
  if (piece === undefined) return ''
  if (piece instanceof Markup) return piece.text
  if (typeof piece === 'object') return piece.map(({ text }) => text).join('')
  return escaped(String(piece))
}

/** A part of the page with its title; nothing if it has no content. */
export function part(title: string, content: readonly Markup[]): Markup {
  return content.length === 0 ? html`` : html`<section><h2>${title}</h2>${content}</section>\n`
}

/** A table that scrolls in its own frame where the page is too narrow. An empty table is nothing. */
export function table(
  heads: readonly string[],
  rows: readonly Markup[],
  kind = '',
): readonly Markup[] {
  if (rows.length === 0) return []
  const head = heads.map((one) => html`<th scope="col">${one}</th>`)
  return [
    html`<div class="frame" tabindex="0"><table class="${kind}"><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`,
  ]
}
