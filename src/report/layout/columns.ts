import stringWidth from 'fast-string-width'

/** Rows of cells as lines: each column as wide as its widest cell, with a gap between. */
export function inColumns(rows: readonly (readonly string[])[], gap: string): readonly string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, stringWidth(cell))
    }
  }
  return rows.map((row) => row.map((cell, column) => padTo(cell, widths[column] ?? 0)).join(gap))
}

/** A text with spaces behind it, up to so many columns of the terminal. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)))
}

/** A text of at most so many columns of the terminal; `…` says where it was cut. */
export function cutTo(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let cut = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(cut + segment) >= width) break
    cut += segment
  }
  return `${cut}…`
}
