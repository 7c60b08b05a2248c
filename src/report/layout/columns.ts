/** Rows of cells as lines, each column as wide as its widest cell, with a gap between. */
export function inColumns(rows: readonly (readonly string[])[], gap: string): readonly string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length)
    }
  }
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(gap))
}
