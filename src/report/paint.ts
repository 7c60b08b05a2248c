import { styleText } from 'node:util'

/** Colours a text, or leaves it as it is where colours are not wanted. */
export type Paint = (style: 'red' | 'green' | 'yellow' | 'dim' | 'bold', text: string) => string

/** Leaves every text as it is. */
export const noPaint: Paint = (_, text) => text

/** How a result is to be shown: in which colours, and how many columns wide; `columns` unset: a pipe or a file. */
export interface View {
  readonly paint: Paint
  readonly columns: number | undefined
}

/** The view of a stream: colours only on a terminal, and never with `--no-color` or NO_COLOR. */
export function viewOf(stream: NodeJS.WriteStream, colourful: boolean): View {
  const terminal = stream.isTTY === true
  const colours = colourful && terminal && !process.env.NO_COLOR
  return {
    paint: colours ? styleText : noPaint,
    columns: terminal ? stream.columns : undefined,
  }
}
