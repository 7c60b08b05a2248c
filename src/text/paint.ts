import { styleText } from 'node:util'

/** Colours a text, or leaves it as it is where colours are not wanted. */
export type Paint = (style: 'red' | 'green' | 'yellow' | 'dim' | 'bold', text: string) => string

/** Leaves every text as it is. */
export const noPaint: Paint = (_, text) => text

/** How a result is shown: its colours, and how many columns wide; `columns` unset: a pipe or a file. */
export interface View {
  readonly paint: Paint
  readonly columns: number | undefined
}

/** The view of a stream. `colourful` is whether `--no-color` was not given. */
export function viewOf(stream: NodeJS.WriteStream, colourful: boolean): View {
  return {
    paint: paintFor(stream, colourful),
    columns: stream.isTTY ? stream.columns : undefined,
  }
}

/** Colours on a terminal unless NO_COLOR is set, and everywhere with FORCE_COLOR; never with `--no-color`. */
export function paintFor(stream: NodeJS.WriteStream, colourful: boolean): Paint {
  const { FORCE_COLOR: forced, NO_COLOR: unwanted } = process.env
  const wanted = forced ? forced !== '0' && forced !== 'false' : stream.isTTY && !unwanted
  return colourful && wanted
    ? (style, text) => styleText(style, text, { validateStream: false })
    : noPaint
}
